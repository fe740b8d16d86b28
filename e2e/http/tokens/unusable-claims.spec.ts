import { legacyCookies } from '../../steps/legacy-session.ts'
import { ask } from '../../steps/request.ts'
import { auth0 } from '../../world/auth0.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

/** Signed claims that the app cannot use. Each one once caused a 500 or a 503. */

test.use({ policy: 'zero-downtime' })

const email = 'ada@example.com'
const lanes = {
  stytch: async (claims: object) =>
    (await stytch.session(email, { claims: { ...claims } })).session_jwt,
  legacy: (claims: object) => auth0.token(email, { claims: { ...claims } }),
}

const claims: [string, Record<string, unknown>][] = [
  ['an expiry after the last date', { exp: 8_640_000_000_001 }],
  ['an expiry far after the last date', { exp: 1e20 }],
  ['an expiry in the year 10000', { exp: 253_402_300_800 }],
  ['an expiry before 1970', { exp: -1 }],
  ['a time of issue after the last date', { iat: 1e20 }],
  ['a start after the last date', { nbf: 1e20 }],
  ['a subject with a NUL', { sub: 'auth0|ada\0' }],
  ['a subject with a lone surrogate', { sub: 'auth0|\ud800' }],
]
for (const [lane, forge] of Object.entries(lanes)) {
  for (const [name, changed] of claims) {
    test(`refuses a ${lane} token with ${name}`, async () => {
      const token = await forge(changed)
      const cookies =
        lane === 'legacy'
          ? await legacyCookies(email, { accessToken: token })
          : { stytch_session_jwt: token }
      for (const credentials of [{ bearer: token }, { cookies }]) {
        const answer = await ask('/api/me', credentials)
        expect(answer.status).toBe(401)
        expect(answer.json().error.code).toBe('claim_invalid')
        const page = await ask('/dashboard', credentials)
        expect(page.status).toBe(307)
      }
    })
  }
}

test('refuses a Stytch session that ends after the last date', async () => {
  const session = { id: 'session-1', expires_at: '+275760-09-13T00:00:00.001Z' }
  const bearer = await lanes.stytch({ 'https://stytch.com/session': session })
  const answer = await ask('/api/me', { bearer })
  expect(answer.status).toBe(401)
  expect(answer.json().error.code).toBe('claim_invalid')
})

test('accepts the full name of the access token type (RFC 9068 section 4)', async () => {
  const bearer = await auth0.token(email, { header: { typ: 'application/at+jwt' } })
  expect((await ask('/api/me', { bearer })).status).toBe(200)
})
