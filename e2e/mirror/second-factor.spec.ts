import { legacyCookies } from '../steps/legacy-session.ts'
import { ask, type Credentials } from '../steps/request.ts'
import { submit } from '../steps/server-action.ts'
import { requestCode, tryCode } from '../steps/sign-in-over-http.ts'
import { auth0 } from '../world/auth0.ts'
import { database } from '../world/database.ts'
import { stytch, stytchApi } from '../world/stytch.ts'
import { expect, test } from './test.ts'

/** A user with a second factor at Auth0, and a reader of their mailbox: docs/identity-proof.md. */

const email = 'grace@example.com'
const refused = '/login?reason=mfa_required&returnTo=%2Fdashboard'

test.beforeEach(async () => {
  await database.query('delete from accounts where email = $1', [email])
  await auth0.call('PUT', 'second-factor', { email, enrolled: true })
})
// Later tests of this world find the user as if nothing had happened.
test.afterEach(async () => {
  await database.query('delete from accounts where email = $1', [email])
  await auth0.call('PUT', 'second-factor', { email, enrolled: false })
})

const me = (credentials: Credentials) => ask('/api/me', credentials)
const mailedCode = async () =>
  (await stytch.inbox()).findLast(({ to }) => to === email)?.code as string

async function signInByCode() {
  const { cookies } = await requestCode(email)
  return tryCode(cookies, await mailedCode())
}

const leadsTo = ({ headers }: { headers: Headers }) =>
  (headers.get('x-action-redirect') ?? headers.get('location'))?.split(';')[0]

/** The cookie by which the app remembers the device. */
const flagOf = ({ headers }: { headers: Headers }) =>
  headers
    .getSetCookie()
    .findLast((line) => line.startsWith('auth_flow='))
    ?.split(';', 1)[0]
    ?.slice('auth_flow='.length) ?? ''

/** What the reader of the mailbox gets from Stytch, without this app. */
async function sessionByCode() {
  const { email_id } = await stytchApi<{ email_id: string }>(
    'POST',
    '/v1/otps/email/login_or_create',
    { email },
  )
  return stytchApi<{ session_token: string; session_jwt: string }>(
    'POST',
    '/v1/otps/authenticate',
    { method_id: email_id, code: await mailedCode(), session_duration_minutes: 60 },
  )
}

for (const policy of ['zero-downtime', 'all-at-once'] as const) {
  test.describe(`a mailed code does not replace the second factor, ${policy}:`, () => {
    test.use({ policy })

    test('the sign-in is refused, its session is revoked, and the login leads to the previous one', async () => {
      const answer = await signInByCode()
      expect(leadsTo(answer)).toBe(refused)
      expect(answer.sessionCookies).toEqual([])
      expect(await stytch.sessionsOf(email)).toBe(0)
      const login = await ask(refused)
      expect(login.text).toContain('Your account needs your second factor')
      expect(login.text).toContain('href="/auth/login?returnTo=%2Fdashboard"')
      const rows = await database.query(
        "select distinct result, issuer from events where reason = 'mfa_required'",
      )
      expect(rows).toEqual([{ result: 'refused', issuer: expect.stringContaining('http') }])
    })

    test('the user then signs in at the legacy login, and stays there', async () => {
      const auth_flow = decodeURIComponent(flagOf(await signInByCode()))
      const cookies = { ...(await legacyCookies(email)), auth_flow }
      const seen = await me({ cookies })
      expect(seen.status).toBe(200)
      expect(seen.json()).toMatchObject({ user: { email }, session: { lane: 'legacy' } })
      expect((await ask('/dashboard', { cookies })).status).toBe(200)
    })

    test('a session that goes around the login opens nothing', async () => {
      const { session_token, session_jwt } = await sessionByCode()
      const cookies = { stytch_session: session_token, stytch_session_jwt: session_jwt }
      for (const credentials of [{ bearer: session_jwt }, { cookies }]) {
        const seen = await me(credentials)
        expect(seen.status).toBe(401)
        expect(seen.json().error.code).toBe('mfa_required')
      }
      const page = await ask('/dashboard', { cookies })
      expect(page.headers.get('location') ?? page.text).toContain('reason=mfa_required')
    })

    test('nor does a session of the pre-built UI, whose cookies the app expires', async () => {
      const { session_token: sessionToken, session_jwt: sessionJwt } = await sessionByCode()
      const answer = await submit(
        'adoptSession',
        '/login',
        { returnTo: '/dashboard', sessionToken, sessionJwt },
        { cookies: { stytch_session: sessionToken } },
      )
      expect(leadsTo(answer)).toBe(refused)
      expect(answer.headers.getSetCookie().join('\n')).toMatch(/stytch_session=;/)
      expect(await stytch.sessionsOf(email)).toBe(0)
    })
  })
}

test.describe('all-at-once accepts, after the refusal,', () => {
  test.use({ policy: 'all-at-once' })

  test('no legacy session from before, and none of another user', async () => {
    const old = await legacyCookies(email, { createdAt: Math.floor(Date.now() / 1_000) - 3_600 })
    const others = await legacyCookies('ada@example.com')
    const auth_flow = decodeURIComponent(flagOf(await signInByCode()))
    for (const stolen of [old, others]) {
      expect((await me({ cookies: { ...stolen, auth_flow } })).status).toBe(401)
    }
  })
})

test.describe('while Auth0 does not answer,', () => {
  test.use({ policy: 'zero-downtime' })

  test('the second factor of a known user is unknown, so the user is asked to try again', async () => {
    // The session began before the user enrolled, so its token does not tell of the factor.
    await auth0.call('PUT', 'second-factor', { email, enrolled: false })
    const cookies = await legacyCookies(email)
    expect((await me({ cookies })).status).toBe(200)
    await auth0.call('PUT', 'second-factor', { email, enrolled: true })
    await auth0.call('PUT', 'faults', [{ path: '/api/v2/*', status: 503 }])
    const answer = await signInByCode()
    expect(answer.result).toMatchObject({ problem: { code: 'second_factor_unknown' } })
    expect(await stytch.sessionsOf(email)).toBe(0)
    const bearer = (await sessionByCode()).session_jwt
    expect((await me({ bearer })).status).toBe(503)
    expect((await me({ cookies })).status).toBe(200)
  })
})
