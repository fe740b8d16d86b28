import { generateSessionCookie } from '@auth0/nextjs-auth0/testing'
import { appEnvironment } from '../../../sandbox/settings.ts'
import { epochSeconds } from '../../steps/clock.ts'
import { legacyCookies } from '../../steps/legacy-session.ts'
import { everybody, ourPage, putJson } from '../../steps/policy-api.ts'
import { ask, type Credentials } from '../../steps/request.ts'
import { auth0 } from '../../world/auth0.ts'
import { database } from '../../world/database.ts'
import { putPolicy } from '../../world/policy.ts'
import { stytch, stytchApi } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

/** An attacker signs up with the address of an operator, who proves it later: docs/identity-proof.md. */

test.use({ policy: 'zero-downtime' })

const operator = 'ada@example.com'
const password = 'a password that the attacker chose'
type Opened = { session_token: string; session_jwt: string }
const cookiesOf = ({ session_token, session_jwt }: Opened) => ({
  stytch_session: session_token,
  stytch_session_jwt: session_jwt,
})

const forgetAccounts = () => database.query('delete from accounts where email = $1', [operator])

/** Nobody has used the operator's address at Stytch, and no earlier test has left an account with it. */
test.beforeEach(async () => {
  const imported = (await stytch.users()).find(({ email }) => email === operator)?.id
  await stytchApi('DELETE', `/v1/users/${imported}`)
  await forgetAccounts()
})
// Later tests of this world find the operator as if nothing had happened.
test.afterEach(forgetAccounts)

async function signUpAsOperator(): Promise<Opened> {
  return stytchApi<Opened>('POST', '/v1/passwords', {
    email: operator,
    password,
    session_duration_minutes: 60,
  })
}

async function signInByCode(): Promise<Opened> {
  const { email_id } = await stytchApi<{ email_id: string }>(
    'POST',
    '/v1/otps/email/login_or_create',
    { email: operator },
  )
  const code = (await stytch.inbox()).findLast(({ to }) => to === operator)?.code
  return stytchApi<Opened>('POST', '/v1/otps/authenticate', {
    method_id: email_id,
    code,
    session_duration_minutes: 60,
  })
}

const me = (credentials: Credentials) => ask('/api/me', credentials)
const idOf = async (credentials: Credentials) => (await me(credentials)).json().user.id
const putStatus = async (credentials: Credentials) =>
  (await putJson(everybody, credentials, ourPage)).status

async function expectRefused(credentials: Credentials): Promise<void> {
  const seen = await me(credentials)
  expect(seen.status).toBe(401)
  expect(seen.json().error.code).toBe('session_unproved')
  expect(seen.headers.get('www-authenticate')).toContain('session_unproved')
  expect(await putStatus(credentials)).toBe(401)
}

test("pre-hijacker's JWT: it opens nothing from the moment at which the owner proves the address", async () => {
  const owner = { cookies: await legacyCookies(operator) }
  const id = await idOf(owner)
  const attacker = await signUpAsOperator()
  const bearer = { bearer: attacker.session_jwt }
  expect((await me(bearer)).status).toBe(200)
  expect(await idOf(bearer)).not.toBe(id)
  expect(await putStatus(bearer)).toBe(403)

  const proved = { cookies: cookiesOf(await signInByCode()) }
  expect(await idOf(proved)).toBe(id)
  expect(await putStatus(proved)).toBe(200)
  await putPolicy('zero-downtime')

  await expectRefused(bearer)
  await expectRefused({ cookies: cookiesOf(attacker) })
  const page = await ask('/dashboard', { cookies: cookiesOf(attacker) })
  expect(page.headers.get('location') ?? page.text).toContain('reason=session_unproved')
  expect(await idOf(proved)).toBe(id)
})

test('address proved at the legacy login: the password that an attacker chose at Stytch opens another account', async () => {
  const attacker = await signUpAsOperator()
  const planted = await idOf({ bearer: attacker.session_jwt })
  // The mirror made this record in older versions, and its owner took it over with "Forgot password?".
  const sub = `auth0|unproved-${planted}`
  const __session = await generateSessionCookie(
    {
      user: { sub, email: operator, email_verified: true, name: 'Ada' },
      tokenSet: {
        accessToken: await auth0.token(operator, { claims: { sub } }),
        expiresAt: epochSeconds() + 3_600,
      },
      internal: { sid: crypto.randomUUID(), createdAt: epochSeconds() },
    },
    { secret: appEnvironment.AUTH0_SECRET as string },
  )
  const owner = { cookies: { __session } }
  expect(await idOf(owner)).not.toBe(planted)
  expect(await putStatus(owner)).toBe(200)
  await putPolicy('zero-downtime')

  const again = await stytchApi<Opened>('POST', '/v1/passwords/authenticate', {
    email: operator,
    password,
    session_duration_minutes: 60,
  })
  for (const session of [attacker, again]) {
    const credentials = { cookies: cookiesOf(session) }
    expect(await idOf(credentials)).toBe(planted)
    expect(await putStatus(credentials)).toBe(403)
  }
  const migrated = await ask('/api/sessions/migrate', {
    method: 'POST',
    bearer: await auth0.token(operator, { claims: { sub } }),
  })
  expect(migrated.status).toBe(403)
})

test('a session that an attacker opened at Auth0 before the owner proved the address opens nothing', async () => {
  const sub = `auth0|${crypto.randomUUID().replaceAll('-', '').slice(0, 24)}`
  const sessionAt = async (createdAt: number, email_verified: boolean) => {
    const accessToken = await auth0.token(operator, { claims: { sub, iat: createdAt } })
    const __session = await generateSessionCookie(
      {
        user: { sub, email: operator, email_verified, name: 'Ada' },
        tokenSet: { accessToken, expiresAt: epochSeconds() + 3_600 },
        internal: { sid: crypto.randomUUID(), createdAt },
      },
      { secret: appEnvironment.AUTH0_SECRET as string },
    )
    return { cookies: { __session }, accessToken }
  }
  const attacker = await sessionAt(epochSeconds() - 60, false)
  expect((await me(attacker)).status).toBe(200)
  expect(await putStatus({ cookies: attacker.cookies })).toBe(403)

  const owner = await sessionAt(epochSeconds(), true)
  expect((await me(owner)).status).toBe(200)
  expect(await putStatus({ cookies: owner.cookies })).toBe(200)
  await putPolicy('zero-downtime')

  await expectRefused({ cookies: attacker.cookies })
  await expectRefused({ bearer: attacker.accessToken })
  const migrated = await ask('/api/sessions/migrate', {
    method: 'POST',
    bearer: attacker.accessToken,
  })
  expect(migrated.status).toBe(403)
  expect(migrated.json().error.code).toBe('session_unproved')
})
