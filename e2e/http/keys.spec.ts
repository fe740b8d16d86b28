import { forgetRequests } from '../steps/calls.ts'
import { legacyCookies } from '../steps/legacy-session.ts'
import { ask } from '../steps/request.ts'
import { act } from '../steps/server-action.ts'
import { stytchCookies } from '../steps/stytch-session.ts'
import { auth0 } from '../world/auth0.ts'
import { count } from '../world/stand-in.ts'
import { stytch } from '../world/stytch.ts'
import { expect, test } from '../world/test.ts'

/**
 * The key set of a provider fails, is empty or rotates. A new app has no keys in its cache, so each test starts
 * one.
 */

test.use({ policy: 'zero-downtime' })

const email = 'ada@example.com'
const authenticate = '/v1/sessions/authenticate'
const stytchKeys = /\/v1\/sessions\/jwks\//
const legacyKeys = '/.well-known/jwks.json'
/** The time in ms after a fetch of the keys in which an unknown key causes no new fetch. */
const cooldown = 30_000

for (const [mode, code, status] of [
  ['error', 'keys_unavailable', 503],
  ['slow', 'keys_unavailable', 503],
  ['empty', 'key_unknown', 401],
] as const) {
  test(`refuses to log anybody out, or to let anybody in, while the key set has the fault ${mode}`, async ({
    startApp,
  }) => {
    test.setTimeout(120_000)
    const stytchPerson = await stytchCookies(email)
    const legacyPerson = await legacyCookies(email)
    const bearers = [stytchPerson.stytch_session_jwt as string, await auth0.token(email)]
    await Promise.all([stytch.setKeys(mode), auth0.setKeys(mode)])
    const { url: base } = await startApp()
    for (const bearer of bearers) {
      const api = await ask('/api/me', { base, bearer })
      expect(api.json().error.code).toBe(code)
      expect(api.status).toBe(status)
      // With 503, the app has not judged the token, so the client must keep it.
      expect(api.headers.get('retry-after')).toBe(status === 503 ? '5' : null)
      expect(api.headers.get('www-authenticate') !== null).toBe(status === 401)
    }
    // The app cannot verify a JWT alone, but keeps its cookie.
    const { stytch_session_jwt } = stytchPerson as { stytch_session_jwt: string }
    const alone = await ask('/api/me', { base, cookies: { stytch_session_jwt } })
    expect(alone.status).toBe(status)
    expect(alone.headers.getSetCookie().join()).not.toContain('session')

    // The app can still verify the session at Stytch.
    const stytchApi = await ask('/api/me', { base, cookies: stytchPerson })
    expect(stytchApi.json()).toMatchObject({ user: { email }, session: { lane: 'stytch' } })
    expect(await count(stytch, 'POST', authenticate)).toBeGreaterThanOrEqual(1)
    expect((await ask('/dashboard', { base, cookies: stytchPerson })).status).toBe(200)

    // The seal still proves the legacy session. The app does not send its unverified token to Stytch.
    const legacyApi = await ask('/api/me', { base, cookies: legacyPerson })
    expect(legacyApi.json()).toMatchObject({ user: { email }, session: { lane: 'legacy' } })
    expect((await ask('/dashboard', { base, cookies: legacyPerson })).status).toBe(200)
    const action = await act('migrateSession', '/dashboard', { base, cookies: legacyPerson })
    expect(action.result).toMatchObject({ result: 'refused', reason: 'access_token_unusable' })
    expect(await count(stytch, 'POST', '/v1/sessions/migrate')).toBe(0)

    // The app caches a fetched set, also an empty one. After a failure it fetches again.
    await Promise.all([stytch.setKeys('normal'), auth0.setKeys('normal')])
    for (const bearer of bearers) {
      await expect
        .poll(async () => (await ask('/api/me', { base, bearer })).status, {
          timeout: mode === 'empty' ? cooldown + 15_000 : 15_000,
        })
        .toBe(200)
    }
  })
}

test('refuses to fetch more than once for a flood of unknown keys', async ({ startApp }) => {
  const { url: base } = await startApp()
  const forged = await Promise.all([
    ...Array.from({ length: 20 }, async (_, kid) => {
      const header = { kid: `unknown-${kid}` }
      return (await stytch.session(email, { header })).session_jwt
    }),
    ...Array.from({ length: 20 }, (_, kid) =>
      auth0.token(email, { header: { kid: `unknown-${kid}` } }),
    ),
  ])
  await forgetRequests()
  const answers = await Promise.all(forged.map((bearer) => ask('/api/me', { base, bearer })))
  expect(new Set(answers.map((answer) => answer.json().error.code))).toEqual(
    new Set(['key_unknown']),
  )
  expect(await count(stytch, 'GET', stytchKeys)).toBe(1)
  expect(await count(auth0, 'GET', legacyKeys)).toBe(1)
})

test('refuses to log anybody out when a provider rotates its keys, and accepts the new ones soon', async ({
  startApp,
}) => {
  test.setTimeout(120_000)
  const { url: base } = await startApp()
  const old = await legacyCookies(email)
  for (const bearer of [(await stytchCookies(email)).stytch_session_jwt, await auth0.token(email)])
    expect((await ask('/api/me', { base, bearer })).status).toBe(200)

  await Promise.all([stytch.setKeys('rotate'), auth0.setKeys('rotate')])
  const stytchPerson = await stytchCookies(email)
  const legacyPerson = await legacyCookies(email)
  const bearers = [stytchPerson.stytch_session_jwt as string, await auth0.token(email)]

  // The app accepts the new sessions at once, although it does not have the new keys yet.
  const stytchApi = await ask('/api/me', { base, cookies: stytchPerson })
  expect(stytchApi.json()).toMatchObject({ user: { email }, session: { lane: 'stytch' } })
  const legacyApi = await ask('/api/me', { base, cookies: legacyPerson })
  expect(legacyApi.json()).toMatchObject({ user: { email }, session: { lane: 'legacy' } })

  // A client waits for the next fetch. Without the pause, each forged token would cause a fetch.
  for (const bearer of bearers) {
    await expect
      .poll(async () => (await ask('/api/me', { base, bearer })).status, {
        timeout: cooldown + 15_000,
      })
      .toBe(200)
  }
  // Sessions from before the rotation stay valid, although their key is gone.
  const before = await ask('/api/me', { base, cookies: old })
  expect(before.json()).toMatchObject({ user: { email }, session: { lane: 'legacy' } })
})
