import { epochSeconds } from '../../steps/clock.ts'
import { legacyCookies } from '../../steps/legacy-session.ts'
import { newLegacyUser } from '../../steps/people.ts'
import { everybody, policyPath } from '../../steps/policy-api.ts'
import { ask, type Credentials } from '../../steps/request.ts'
import { submit } from '../../steps/server-action.ts'
import { stytchCookies } from '../../steps/stytch-session.ts'
import { auth0 } from '../../world/auth0.ts'
import { database } from '../../world/database.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

/**
 * While nobody can tell whether a user is an operator, the app must not say that they are none. A new app has neither
 * accounts nor keys in its cache, so each test starts one.
 */

const operator = 'ada@example.com'

/** Puts a policy as a page of ours does, and reads the policy and the metrics. */
async function ends(base: string, credentials: Credentials) {
  const headers = {
    'content-type': 'application/json',
    ...(credentials.bearer === undefined && { origin: base, 'sec-fetch-site': 'same-origin' }),
  }
  const body = JSON.stringify(everybody)
  const answers = [
    await ask(policyPath, { base, ...credentials, method: 'PUT', headers, body }),
    await ask(policyPath, { base, ...credentials }),
    await ask('/api/metrics', { base, ...credentials }),
  ]
  return answers.map((answer) => [answer.status, answer.json().error.code])
}

const three = (code: string) => [
  [503, code],
  [503, code],
  [503, code],
]

test('refuses to call an operator none while the database is down', async ({ startApp }) => {
  const cookies = await stytchCookies(operator)
  const { url: base } = await startApp()
  await database.setUp(false)
  try {
    expect(await ends(base, { cookies })).toEqual(three('account_unavailable'))
    const fields = { cohort: 'nobody', intent: 'preview', expectedVersion: '1' }
    const action = await submit('changePolicy', '/control/policy', fields, { base, cookies })
    expect(action.status).toBe(500)
  } finally {
    await database.setUp(true)
  }
  expect((await ask(policyPath, { base, cookies })).status).toBe(200)
})

test('refuses to call a user no operator while the legacy provider does not name them', async ({
  startApp,
}) => {
  const bearer = await auth0.token(await newLegacyUser())
  await auth0.setFaults([{ path: '/userinfo', status: 500 }])
  const { url: base } = await startApp()
  expect(await ends(base, { bearer })).toEqual(three('account_unavailable'))
  await auth0.clearFaults()
  expect((await ask(policyPath, { base, bearer })).json().error.code).toBe('not_an_operator')
})

test('refuses to call a token worthless while the keys of its issuer are out of reach', async ({
  startApp,
}) => {
  const { stytch_session_jwt: bearer } = await stytchCookies(operator)
  const legacy = await auth0.token(operator)
  await Promise.all([stytch.setKeys('error'), auth0.setKeys('error')])
  const { url: base } = await startApp()
  expect(await ends(base, { bearer })).toEqual(three('keys_unavailable'))
  expect(await ends(base, { bearer: legacy })).toEqual(three('keys_unavailable'))
  // The seal proves the legacy session in a cookie without any key.
  expect((await ask(policyPath, { base, cookies: await legacyCookies(operator) })).status).toBe(200)
})

test('while Stytch does not answer, an operator with an expired JWT gets 503', async ({
  startApp,
}) => {
  const cookies = await stytchCookies(operator, { claims: { exp: epochSeconds() - 1 } })
  await stytch.setFaults([{ path: '/v1/sessions/authenticate', drop: true }])
  const { url: base } = await startApp()
  expect(await ends(base, { cookies })).toEqual(three('stytch_unavailable'))
})
