import { codeFor, goodPassword } from '../../steps/login.ts'
import { newAddress } from '../../steps/people.ts'
import { ask } from '../../steps/request.ts'
import { submit } from '../../steps/server-action.ts'
import { stytchCookies } from '../../steps/stytch-session.ts'
import { stytch, stytchApi } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

/** A site on a sibling subdomain plants the cookies of the attacker's session in the owner's browser. */

test.use({ policy: 'zero-downtime' })

type Fields = { sessionToken?: string; sessionJwt?: string }
/** Posts what Stytch answered to a sign-in of the pre-built UI. */
const adopt = (fields: Fields, cookies: Record<string, string> | string = {}) =>
  submit('adoptSession', '/login?tab=prebuilt', { ...fields, returnTo: '/notes' }, { cookies })

type Answer = { session_token: string; session_jwt: string }
const sixty = { session_duration_minutes: 60 }

test('adopts the tokens of a sign-in, and not the planted cookies beside them', async () => {
  const planted = await stytchCookies(newAddress())
  const own = await stytchCookies('ada@example.com')
  const cookies = `stytch_session=${planted.stytch_session}; stytch_session=${own.stytch_session}`
  const fields = { sessionToken: own.stytch_session, sessionJwt: own.stytch_session_jwt }
  const adopted = await adopt(fields, cookies)
  expect(adopted.sessionCookies.join()).toContain(`stytch_session=${own.stytch_session};`)
  expect(adopted.sessionCookies.join()).not.toContain(planted.stytch_session)
})

test('refuses to adopt a planted session that no sign-in of this page has opened', async () => {
  const planted = await stytchCookies(newAddress())
  const adopted = await adopt({}, planted)
  expect(adopted.sessionCookies).toEqual([])
  expect(adopted.result.problem.code).toBe('invalid_input')
  expect(await stytch.requests()).not.toContainEqual(
    expect.objectContaining({ path: '/v1/sessions/authenticate' }),
  )
})

test("refuses a session in which the attacker's password stands beside the owner's code, and ends it", async () => {
  const email = newAddress()
  const attacker = await stytchApi<Answer>('POST', '/v1/passwords', {
    email,
    password: goodPassword,
    ...sixty,
  })
  const { session_token } = attacker
  const sent = await stytchApi<{ email_id: string }>('POST', '/v1/otps/email/login_or_create', {
    email,
  })
  const shared = await stytchApi<Answer>('POST', '/v1/otps/authenticate', {
    method_id: sent.email_id,
    code: await codeFor(email),
    session_token,
    ...sixty,
  })
  expect(shared.session_token).toBe(session_token)

  // The SDK has written the cookies, which the middleware accepts. The address is not proved by them.
  const cookies = { stytch_session: session_token, stytch_session_jwt: shared.session_jwt }
  const me = await ask('/api/me', { cookies })
  expect(me.status).toBe(200)
  expect((await ask('/login', { cookies })).text).toContain('Confirm your email address')

  const adopted = await adopt(
    { sessionToken: session_token, sessionJwt: shared.session_jwt },
    cookies,
  )
  expect(adopted.result.problem.code).toBe('session_not_new')
  expect(adopted.sessionCookies).toEqual([])
  expect(adopted.headers.getSetCookie().join()).toMatch(/stytch_session=;/)
  expect(await stytch.sessionsOf(email)).toBe(0)
  expect((await ask('/api/me', { cookies })).status).toBe(401)
})
