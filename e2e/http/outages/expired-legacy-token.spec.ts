import { forgetRequests, migrateCalls, providerCalls } from '../../steps/calls.ts'
import { epochSeconds } from '../../steps/clock.ts'
import { legacyCookies } from '../../steps/legacy-session.ts'
import { migrationEvents } from '../../steps/outages.ts'
import { ask } from '../../steps/request.ts'
import { act } from '../../steps/server-action.ts'
import { auth0 } from '../../world/auth0.ts'
import { count } from '../../world/stand-in.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

test.use({ policy: 'zero-downtime' })

const expired = async () => ({
  accessToken: await auth0.token('ada@example.com', { expiresInSeconds: -10 }),
  expiresAt: epochSeconds() - 10,
})

const refreshes = () => count(auth0, 'POST', '/oauth/token')

test('the app refreshes an expired legacy access token of ten parallel requests once, and carries the session over once', async () => {
  const cookies = await legacyCookies('ada@example.com', await expired())
  await forgetRequests()
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => act('migrateSession', '/dashboard', { cookies })),
  )
  expect(answers.map(({ result }) => result)).toEqual(
    Array(10).fill({ result: 'migrated', reason: 'carried_over' }),
  )
  expect(await refreshes()).toBe(1)
  expect(await migrateCalls()).toBe(1)
  expect(await stytch.sessionsOf('ada@example.com')).toBe(1)
  expect((await migrationEvents()).map((event) => event.result)).toEqual(['migrated'])
})

test('refuses an expired legacy access token at the API, because a client must refresh its own token', async () => {
  const bearer = await auth0.token('ada@example.com', { expiresInSeconds: -10 })
  await forgetRequests()
  const door = await ask('/api/sessions/migrate', { method: 'POST', bearer })
  expect(door.status).toBe(401)
  expect(door.json().error.code).toBe('token_expired')
  expect(await providerCalls()).toEqual([])
})
