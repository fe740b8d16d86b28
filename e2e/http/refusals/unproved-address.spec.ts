import { decodeJwt } from 'jose'
import { urls } from '../../../sandbox/settings.ts'
import { migrations } from '../../steps/calls.ts'
import { legacyCookies } from '../../steps/legacy-session.ts'
import { ask } from '../../steps/request.ts'
import { act } from '../../steps/server-action.ts'
import { stytchCookies } from '../../steps/stytch-session.ts'
import { auth0 } from '../../world/auth0.ts'
import { database } from '../../world/database.ts'
import { count } from '../../world/stand-in.ts'
import { stytch, stytchApi } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

/** Attacks with an address that its owner has not verified. */

test.use({ policy: 'zero-downtime' })

type Opened = { session_token: string; session_jwt: string }
const password = 'a password that the attacker chose'

const identitiesOf = (accountId: string) =>
  database.query<{ issuer: string; subject: string }>(
    'select issuer, subject from identities where account_id = $1 order by issuer, subject',
    [accountId],
  )

const migrationEvents = () =>
  database.query<{ result: string; reason: string; lane: string; account_id: string | null }>(
    `select result, reason, lane, account_id from events where kind = 'migration' order by id`,
  )

test('refuses to carry a user over to a Stytch user that an attacker created with their address (pre-hijacking)', async () => {
  const cookies = await legacyCookies('grace@example.com')
  const before = (await ask('/api/me', { cookies })).json()
  await stytchApi('POST', '/v1/passwords', { email: 'grace@example.com', password })

  const action = await act('migrateSession', '/dashboard', { cookies })
  expect(action.result).toMatchObject({ result: 'refused', reason: 'stytch_user_unproven' })
  expect(action.sessionCookies).toEqual([])
  // The app revokes the session that Stytch opened during the attempt.
  expect(await count(stytch, 'POST', '/v1/sessions/revoke')).toBe(1)
  const user = (await stytch.users()).find((each) => each.email === 'grace@example.com')
  expect(user?.sessions).toBe(0)

  const after = await ask('/api/me', { cookies })
  expect(after.json()).toMatchObject({ user: before.user, session: { lane: 'legacy' } })
  expect(await identitiesOf(before.user.id)).not.toContainEqual(
    expect.objectContaining({ subject: user?.id }),
  )
  expect(await migrationEvents()).toEqual([
    expect.objectContaining({
      result: 'refused',
      reason: 'stytch_user_unproven',
      lane: 'legacy',
      account_id: before.user.id,
    }),
  ])

  const door = await ask('/api/sessions/migrate', {
    method: 'POST',
    bearer: await auth0.token('grace@example.com'),
  })
  expect(door.status).toBe(403)
  expect(door.json().error.code).toBe('stytch_user_unproven')
  expect(door.text).not.toContain('session_token')
})

test('refuses the account to an attacker who signed up first with the address of the victim', async () => {
  const victim = (
    await ask('/api/me', { cookies: await legacyCookies('grace@example.com') })
  ).json()
  const attacker = await stytchApi<Opened>('POST', '/v1/passwords', {
    email: 'grace@example.com',
    password,
    session_duration_minutes: 60,
  })
  const seen = await ask('/api/me', { bearer: attacker.session_jwt })
  expect(seen.status).toBe(200)
  expect(seen.json().user.id).not.toBe(victim.user.id)
})

test("refuses the control room to an operator's address that is not verified", async () => {
  const ada = (await stytch.users()).find((each) => each.email === 'ada@example.com')
  await stytchApi('DELETE', `/v1/users/${ada?.id}`)
  const attacker = await stytchApi<Opened>('POST', '/v1/passwords', {
    email: 'ada@example.com',
    password,
    session_duration_minutes: 60,
  })
  const cookies = {
    stytch_session: attacker.session_token,
    stytch_session_jwt: attacker.session_jwt,
  }
  const seen = await ask('/api/me', { cookies })
  expect(seen.json().user.email).toBe('ada@example.com')
  expect((await ask('/api/policy', { cookies })).status).toBe(403)
  const put = await ask('/api/policy', {
    method: 'PUT',
    cookies,
    headers: { origin: urls.app, 'sec-fetch-site': 'same-origin' },
    body: JSON.stringify({ cohort: 'everybody', carrySessions: true }),
  })
  expect(put.status).toBe(403)
  expect(put.json().error.code).toBe('not_an_operator')
  expect((await ask('/control', { cookies })).status).toBe(403)
})

test('refuses to carry over a legacy address that is not verified, and asks Stytch nothing', async () => {
  const cookies = await legacyCookies('alan@example.com')
  const action = await act('migrateSession', '/dashboard', { cookies })
  expect(action.result).toMatchObject({ result: 'refused', reason: 'email_not_verified' })
  const door = await ask('/api/sessions/migrate', {
    method: 'POST',
    bearer: await auth0.token('alan@example.com'),
  })
  expect(door.status).toBe(403)
  expect(door.json().error.code).toBe('email_not_verified')
  expect(await stytch.calls()).toEqual([])
  expect((await ask('/api/me', { cookies })).json().session.lane).toBe('legacy')
})

test('refuses the email_verified claim of the token, because userinfo decides', async () => {
  // Alan's token says that his address is verified.
  const bearer = await auth0.token('alan@example.com', {
    claims: { email: 'ada@example.com', email_verified: true },
  })
  const door = await ask('/api/sessions/migrate', { method: 'POST', bearer })
  expect(door.json().error.code).toBe('email_not_verified')
  expect(await migrations()).toBe(0)
})

test('refuses an address that userinfo does not call verified', async () => {
  const bearer = await auth0.token('ada@example.com')
  const { sub } = decodeJwt(bearer)
  await auth0.setFaults([
    { method: 'GET', path: '/userinfo', status: 200, body: { sub, email: 'ada@example.com' } },
  ])
  const door = await ask('/api/sessions/migrate', { method: 'POST', bearer })
  expect(door.status).toBe(403)
  expect(door.json().error.code).toBe('email_not_verified')
  expect(await migrations()).toBe(0)
})

test('refuses to join an unverified legacy address to the verified one at Stytch', async () => {
  const legacy = await ask('/api/me', { cookies: await legacyCookies('alan@example.com') })
  const verified = await ask('/api/me', { cookies: await stytchCookies('alan@example.com') })
  expect(verified.json().user.email).toBe(legacy.json().user.email)
  expect(verified.json().user.id).not.toBe(legacy.json().user.id)
})

for (const policy of ['before-the-migration', 'all-at-once'] as const) {
  test.describe(`with the policy ${policy}`, () => {
    test.use({ policy })

    test('refuses to migrate', async () => {
      const cookies = await legacyCookies('ada@example.com')
      const action = await act('migrateSession', '/dashboard', { cookies })
      expect(action.result).toMatchObject({ result: 'refused' })
      const door = await ask('/api/sessions/migrate', {
        method: 'POST',
        bearer: await auth0.token('ada@example.com'),
      })
      expect([401, 409]).toContain(door.status)
      expect(await stytch.calls()).toEqual([])
    })
  })
}
