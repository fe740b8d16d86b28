import { appEnvironment, demoUsers, urls } from '../../sandbox/settings.ts'
import { legacyCookies } from '../steps/legacy-session.ts'
import { ask, cookiesOf } from '../steps/request.ts'
import { act } from '../steps/server-action.ts'
import { auth0 } from '../world/auth0.ts'
import { database } from '../world/database.ts'
import { expect, test } from '../world/test.ts'

test.use({ policy: 'zero-downtime' })

const grace = demoUsers.find(({ email }) => email === 'grace@example.com')?.subject ?? ''

async function setBlocked(blocked: boolean) {
  const scope = 'update:users'
  const token = await auth0.machineToken({ audience: `${urls.auth0}/api/v2/`, claims: { scope } })
  const response = await fetch(`${urls.auth0}/api/v2/users/${encodeURIComponent(grace)}`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ blocked }),
  })
  expect(response.status).toBe(200)
}

test('a user who is blocked at Auth0 keeps no Stytch session, and gets in again after that', async () => {
  await auth0.call('PUT', 'log-stream', {
    url: `${urls.app}/api/webhooks/auth0`,
    token: appEnvironment.AUTH0_WEBHOOK_SECRET,
  })
  const legacy = await legacyCookies('grace@example.com')
  const carried = await act('migrateSession', '/dashboard', { cookies: legacy })
  const cookies = cookiesOf(carried)
  expect((await ask('/api/me', { cookies })).status).toBe(200)

  await setBlocked(true)
  const codeOf = async (sent: Record<string, string>) =>
    (await ask('/api/me', { cookies: sent })).json().error?.code
  await expect.poll(() => codeOf(cookies)).toBe('user_deleted')
  expect(await codeOf(legacy)).toBe('user_deleted')
  const events = await database.query<{ result: string; reason: string }>(
    "select result, reason from events where kind = 'deprovision'",
  )
  expect(events).toEqual([{ result: 'sessions_ended', reason: 'legacy_blocked' }])

  await setBlocked(false)
  await expect.poll(() => codeOf(cookies)).toBe('session_ended')
})
