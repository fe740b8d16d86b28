import { organizations } from '../../../sandbox/settings.ts'
import { shown } from '../../steps/flow.ts'
import { legacyCookies } from '../../steps/legacy-session.ts'
import { controlToken, everybody, policyPath, putJson, readerKey } from '../../steps/policy-api.ts'
import { ask, expectNotCached } from '../../steps/request.ts'
import { rolling } from '../../steps/rolling-policy.ts'
import { putPolicy } from '../../world/policy.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

/** GET /api/policy */

test('answers with the policy in force, and its version as ETag', async () => {
  const version = await putPolicy(everybody)
  const response = await ask(policyPath, { bearer: controlToken })
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toContain('application/json')
  expect(response.headers.get('etag')).toBe(`"${version}"`)
  expectNotCached(response)
  expect(response.json()).toEqual({ ...everybody, version })
})

test('refuses a request without credentials, and names the scheme', async () => {
  const response = await ask(policyPath)
  expect(response.status).toBe(401)
  expect(response.headers.get('www-authenticate')).toMatch(/^Bearer /)
  expectNotCached(response)
  expect(response.json()).toEqual({
    error: { code: 'not_signed_in', message: expect.stringContaining('CONTROL_TOKEN') },
  })
})

for (const [name, token] of [
  ['a wrong token', 'demo-control-tokem'],
  ['a part of the token', 'demo-control-toke'],
  ['more than the token', 'demo-control-token-'],
  ['an empty one', ''],
] as const) {
  test(`refuses ${name}`, async () => {
    expect((await ask(policyPath, { bearer: token })).status).toBe(401)
    expect((await putJson(everybody, { bearer: token })).status).toBe(401)
  })
}

test('takes the scheme Bearer in any case, and refuses Basic', async () => {
  expect(
    (await ask(policyPath, { headers: { authorization: `bearer ${controlToken}` } })).status,
  ).toBe(200)
  expect(
    (await ask(policyPath, { headers: { authorization: `Basic ${btoa(`:${controlToken}`)}` } }))
      .status,
  ).toBe(401)
  expect((await ask(policyPath, { headers: { authorization: controlToken } })).status).toBe(401)
})

test('lets a signed-in operator read it on both lanes, and refuses other users', async () => {
  for (const [email, status] of [
    ['ada@example.com', 200],
    ['grace@example.com', 403],
  ] as const) {
    const response = await ask(policyPath, { cookies: await legacyCookies(email) })
    expect(response.status).toBe(status)
    expectNotCached(response)
    if (status === 403)
      expect(response.json()).toEqual({
        error: { code: 'not_an_operator', message: expect.stringContaining('OPERATOR_EMAILS') },
      })

    const { session_jwt: jwt } = await stytch.session(email)
    expect((await ask(policyPath, { bearer: jwt })).status).toBe(status)
  }
})

test('the edge gets every name of an organization, and operators get the policy as it was written', async () => {
  const acme = organizations.acme.auth0Id
  // Somebody opens the team, so the app knows that both ids are those of one organization.
  expect((await ask('/team/acme/login')).status).toBe(200)
  const version = await putPolicy(rolling({ organizations: [acme] }))
  const delivered = (await ask(policyPath, { bearer: readerKey })).json()
  expect(delivered.version).toBe(version)
  expect([...delivered.cohort.organizations].sort()).toEqual([
    'acme',
    acme,
    expect.stringMatching(/^organization-test-/),
  ])
  const written = (await ask(policyPath, { bearer: controlToken })).json()
  expect(written.cohort.organizations).toEqual([acme])
  // A visitor without a session is known by the slug of the address only.
  expect(shown(await ask('/team/acme/login'))).toBe('stytch')
  expect(shown(await ask('/team/globex/login'))).toBe('legacy')
})
