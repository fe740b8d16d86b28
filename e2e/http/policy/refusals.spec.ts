import { urls } from '../../../sandbox/settings.ts'
import { legacyCookies } from '../../steps/legacy-session.ts'
import {
  controlToken,
  ourPage,
  policyPath,
  putJson,
  readerKey,
  versionInForce,
} from '../../steps/policy-api.ts'
import { ask, type Credentials } from '../../steps/request.ts'
import { submit } from '../../steps/server-action.ts'
import { stytchCookies } from '../../steps/stytch-session.ts'
import { database } from '../../world/database.ts'
import { expect, test } from '../../world/test.ts'

/** Attacks on the policy by wrong credentials, other sites, invalid fields and lost updates. */

const policy = { cohort: 'everybody', carrySessions: true, note: 'from a test' }

test('refuses everybody who has no token and is not an operator', async () => {
  const before = await versionInForce()
  const operator = (await stytchCookies('ada@example.com')).stytch_session_jwt as string
  const person = (await stytchCookies('grace@example.com')).stytch_session_jwt as string
  const refused: [string, Credentials, Record<string, string>, number, string][] = [
    ['nobody', {}, ourPage, 401, 'not_signed_in'],
    ['a wrong token', { bearer: 'demo-control-tokem' }, {}, 401, 'not_signed_in'],
    ['the beginning of the token', { bearer: controlToken.slice(0, -1) }, {}, 401, 'not_signed_in'],
    ['more than the token', { bearer: `${controlToken}x` }, {}, 401, 'not_signed_in'],
    ['an empty token', { bearer: '' }, {}, 401, 'not_signed_in'],
    ['the key of the edge, which reads', { bearer: readerKey }, {}, 401, 'not_signed_in'],
    [
      'the token as cookie',
      { cookies: { CONTROL_TOKEN: controlToken } },
      ourPage,
      401,
      'not_signed_in',
    ],
    ['a person', { bearer: person }, {}, 403, 'not_an_operator'],
    [
      'a person by cookie',
      { cookies: { stytch_session_jwt: person } },
      ourPage,
      403,
      'not_an_operator',
    ],
    [
      'a person on legacy',
      { cookies: await legacyCookies('grace@example.com') },
      ourPage,
      403,
      'not_an_operator',
    ],
  ]
  for (const [who, credentials, headers, status, code] of refused) {
    const answer = await putJson(policy, credentials, headers)
    expect(answer.status, who).toBe(status)
    expect(answer.json().error.code, who).toBe(code)
    expect(answer.headers.get('www-authenticate') !== null).toBe(status === 401)
  }
  for (const credentials of [{}, { bearer: 'wrong' }, { bearer: person }]) {
    const answer = await ask(policyPath, credentials)
    expect([401, 403]).toContain(answer.status)
    expect(answer.text).not.toContain('cohort')
  }
  expect(await versionInForce()).toBe(before)
  // The app accepts these credentials, so it refused the others for theirs.
  expect((await ask(policyPath, { bearer: readerKey })).status).toBe(200)
  expect((await putJson(policy, { bearer: operator })).json().version).toBe(before + 1)
  expect((await putJson(policy)).json().version).toBe(before + 2)
})

test("refuses an operator's cookie on a request that another site could have caused (CSRF)", async () => {
  const before = await versionInForce()
  for (const cookies of [
    await stytchCookies('ada@example.com'),
    await legacyCookies('ada@example.com'),
  ]) {
    for (const headers of [
      {},
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: `${urls.app}.evil.example` },
      { origin: urls.app.replace(/\d+$/, '1') },
      { origin: urls.app.replace('http:', 'https:') },
      { origin: urls.app, 'sec-fetch-site': 'cross-site' },
      { origin: urls.app, 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'same-origin' },
      { 'sec-fetch-site': 'none' },
      { referer: `${urls.app}/control` },
      { origin: 'https://evil.example', 'x-forwarded-host': 'evil.example' },
    ] as Record<string, string>[]) {
      const answer = await putJson(policy, { cookies }, headers)
      expect(answer.status, JSON.stringify(headers)).toBe(403)
      expect(answer.json().error.code).toBe('cross_origin')
    }
  }
  expect(await versionInForce()).toBe(before)
  const answer = await putJson(policy, { cookies: await stytchCookies('ada@example.com') }, ourPage)
  expect(answer.json()).toEqual({ ...policy, version: before + 1 })
})

test('refuses an invalid policy, and names every field', async () => {
  const before = await versionInForce()
  const wrong: [unknown, string[]][] = [
    ['not json', ['policy']],
    ['', ['policy']],
    [[], ['policy']],
    [null, ['policy']],
    [{}, ['cohort', 'carrySessions']],
    [{ ...policy, cohort: 'some' }, ['cohort']],
    [{ ...policy, carrySessions: 'yes' }, ['carrySessions']],
    [{ ...policy, note: 'x'.repeat(501) }, ['note']],
    [{ ...policy, admin: true }, ['admin']],
    [
      {
        cohort: {
          percent: 101,
          organizations: [''],
          countries: ['nz'],
          ipRanges: ['203.0.113.0/33'],
          minAppVersion: 'latest',
          evil: 1,
        },
        carrySessions: 1,
      },
      [
        'carrySessions',
        'cohort.countries.0',
        'cohort.evil',
        'cohort.ipRanges.0',
        'cohort.minAppVersion',
        'cohort.organizations.0',
        'cohort.percent',
      ],
    ],
  ]
  for (const [body, fields] of wrong) {
    const answer = await putJson(body)
    expect(answer.status, JSON.stringify(body)).toBe(400)
    const { error } = answer.json()
    expect(error.code).toBe('policy_invalid')
    expect(Object.keys(error.fields).sort(), JSON.stringify(body)).toEqual([...fields].sort())
  }
  expect(await versionInForce()).toBe(before)
})

test('refuses to overwrite a change that the operator has not seen (lost update)', async () => {
  const before = await versionInForce()
  expect(
    (await putJson(policy, { bearer: controlToken }, { 'if-match': `"${before}"` })).status,
  ).toBe(200)
  for (const seen of [before, before + 2, 0]) {
    const answer = await putJson(policy, { bearer: controlToken }, { 'if-match': `"${seen}"` })
    expect(answer.status).toBe(409)
    expect(answer.json().error).toMatchObject({ code: 'policy_conflict', version: before + 1 })
  }
  for (const header of ['"x"', '-1', '1, 2', '"1.0"']) {
    const answer = await putJson(policy, { bearer: controlToken }, { 'if-match': header })
    expect(answer.status, header).toBe(400)
    expect(answer.json().error.code).toBe('if_match_invalid')
  }
  expect(await versionInForce()).toBe(before + 1)
})

test('refuses all but one of several changes at once (race)', async () => {
  const before = await versionInForce()
  const answers = await Promise.all(
    Array.from({ length: 8 }, () =>
      putJson(policy, { bearer: controlToken }, { 'if-match': `"${before}"` }),
    ),
  )
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(409)])
  expect(await versionInForce()).toBe(before + 1)
})

test('refuses other methods, and other spellings of the path', async () => {
  const before = await versionInForce()
  for (const method of ['POST', 'PATCH', 'DELETE']) {
    const answer = await ask(policyPath, {
      method,
      bearer: controlToken,
      body: JSON.stringify(policy),
    })
    expect(answer.status, method).toBe(405)
  }
  for (const other of ['/api/policy/', '/API/POLICY', '/api//policy', '/api/policy.json']) {
    const answer = await ask(other, {
      method: 'PUT',
      body: JSON.stringify(policy),
      headers: ourPage,
    })
    expect(answer.status, other).not.toBe(200)
  }
  expect(await versionInForce()).toBe(before)
})

test('refuses the control room and its action to everybody but an operator', async () => {
  const before = await versionInForce()
  for (const cookies of [
    await stytchCookies('grace@example.com'),
    await legacyCookies('grace@example.com'),
  ]) {
    const page = await ask('/control', { cookies })
    expect(page.status).toBe(403)
    expect(page.text).not.toContain('from a test')
  }
  expect((await ask('/control')).status).toBe(307)
  const changes = await database.query<{ n: string }>(
    `select count(*) as n from events where kind = 'policy'`,
  )
  const fields = {
    cohort: 'everybody',
    carrySessions: 'yes',
    expectedVersion: String(before),
    intent: 'confirm',
  }
  const form = (cookies: Record<string, string>) =>
    submit('changePolicy', '/control/policy', fields, { cookies })
  const refused = await form(await stytchCookies('grace@example.com'))
  expect(refused.status).toBe(403)
  expect((await form({})).headers.get('x-action-redirect')).toContain('/login')
  expect(await versionInForce()).toBe(before)
  expect(
    await database.query<{ n: string }>(`select count(*) as n from events where kind = 'policy'`),
  ).toEqual(changes)

  // The same form succeeds for an operator, so the app refused the others for their credentials.
  await form(await stytchCookies('ada@example.com'))
  expect(await versionInForce()).toBe(before + 1)
})
