import { migrations } from '../../steps/calls.ts'
import { epochSeconds } from '../../steps/clock.ts'
import { legacyCookies } from '../../steps/legacy-session.ts'
import { ask } from '../../steps/request.ts'
import { act } from '../../steps/server-action.ts'
import { stytchCookies } from '../../steps/stytch-session.ts'
import { database } from '../../world/database.ts'
import { stytch, stytchApi } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

/** A browser holds a legacy session of one user and a Stytch session of another. */

test.use({ policy: 'zero-downtime' })

const identitiesOf = (accountId: string) =>
  database.query<{ issuer: string; subject: string }>(
    'select issuer, subject from identities where account_id = $1 order by issuer, subject',
    [accountId],
  )

test('refuses to link the legacy session of one user to the Stytch session of another', async () => {
  const grace = await legacyCookies('grace@example.com')
  const graceId = (await ask('/api/me', { cookies: grace })).json().user.id
  const ada = await stytchCookies('ada@example.com')
  const adaId = (await ask('/api/me', { cookies: ada })).json().user.id
  const before = [await identitiesOf(graceId), await identitiesOf(adaId)]
  await stytch.forgetRequests()

  const both = { ...grace, ...ada }
  const seen = (await ask('/api/me', { cookies: both })).json()
  expect(seen).toMatchObject({ user: { id: adaId }, session: { lane: 'stytch' } })
  const page = await ask('/dashboard', { cookies: both })
  expect(page.text).toContain('ada@example.com')
  expect(page.text).not.toContain('grace@example.com')
  const action = await act('migrateSession', '/dashboard', { cookies: both })
  expect(action.result).toEqual({ result: 'migrated', reason: 'stytch_session' })
  expect(action.sessionCookies).toEqual([])
  const door = await ask('/api/sessions/migrate', { method: 'POST', cookies: both })
  expect(door.status).toBe(401)

  expect(await migrations()).toBe(0)
  expect([await identitiesOf(graceId), await identitiesOf(adaId)]).toEqual(before)
})

test('refuses a legacy session beside a Stytch session of another user that has ended', async () => {
  const grace = await legacyCookies('grace@example.com')
  const graceId = (await ask('/api/me', { cookies: grace })).json().user.id
  const adaId = (await ask('/api/me', { cookies: await stytchCookies('ada@example.com') })).json()
    .user.id
  const ada = await stytchCookies('ada@example.com', { claims: { exp: epochSeconds() - 1 } })
  await stytchApi('POST', '/v1/sessions/revoke', { session_token: ada.stytch_session })

  // Stytch has revoked Ada's session. The legacy session beside it must not sign Grace in.
  const both = { ...grace, ...ada }
  const seen = await ask('/api/me', { cookies: both })
  expect(seen.status).toBe(401)
  expect(seen.json().error.code).toBe('session_ended')
  expect(seen.headers.getSetCookie()).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^stytch_session=;.*1970/),
      expect.stringMatching(/^stytch_session_jwt=;.*1970/),
    ]),
  )
  const refused = await act('migrateSession', '/dashboard', { cookies: both })
  expect(refused.result).toMatchObject({ result: 'refused' })
  expect(await migrations()).toBe(0)

  // Without the other session, the app carries the legacy session over to its own user.
  const action = await act('migrateSession', '/dashboard', { cookies: grace })
  expect(action.result).toMatchObject({ result: 'migrated' })
  expect(await migrations()).toBe(1)
  const carried = Object.fromEntries(
    action.sessionCookies.map((line) => line.split(';', 1)[0]?.split('=') as [string, string]),
  )
  const after = (await ask('/api/me', { cookies: carried })).json()
  expect(after).toMatchObject({ user: { id: graceId }, session: { lane: 'stytch' } })
  expect(graceId).not.toBe(adaId)
})
