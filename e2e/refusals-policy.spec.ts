import { createHmac } from 'node:crypto'
import { appEnvironment, urls } from '../sandbox/settings.ts'
import { database, putPolicy } from './stand-ins.ts'
import { act, ask, type Credentials, expect, legacyCookies, stytchCookies, test } from './test.ts'

/** The door to the policy: who may change it, from where, and to what. */

const path = '/api/policy'
const token = appEnvironment.CONTROL_TOKEN as string
const policy = { cohort: 'everybody', carrySessions: true, note: 'from a test' }
const own = { origin: urls.app, 'sec-fetch-site': 'same-origin' }

const version = async () => (await ask(path, { bearer: token })).json().version as number
const put = (
  credentials: Credentials,
  headers: Record<string, string> = {},
  body: unknown = policy,
) =>
  ask(path, {
    method: 'PUT',
    ...credentials,
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

const readerKey = createHmac('sha256', appEnvironment.COOKIE_SECRET as string)
  .update('policy-reader')
  .digest('hex')

test('refuses everybody without the token or the rank', async () => {
  const before = await version()
  const operator = (await stytchCookies('ada@example.com')).stytch_session_jwt as string
  const person = (await stytchCookies('grace@example.com')).stytch_session_jwt as string
  const refused: [string, Credentials, Record<string, string>, number, string][] = [
    ['nobody', {}, own, 401, 'not_signed_in'],
    ['a wrong token', { bearer: 'demo-control-tokem' }, {}, 401, 'not_signed_in'],
    ['the beginning of the token', { bearer: token.slice(0, -1) }, {}, 401, 'not_signed_in'],
    ['more than the token', { bearer: `${token}x` }, {}, 401, 'not_signed_in'],
    ['an empty token', { bearer: '' }, {}, 401, 'not_signed_in'],
    ['the key of the edge, which reads', { bearer: readerKey }, {}, 401, 'not_signed_in'],
    ['the token as cookie', { cookies: { CONTROL_TOKEN: token } }, own, 401, 'not_signed_in'],
    ['a person', { bearer: person }, {}, 403, 'not_an_operator'],
    [
      'a person by cookie',
      { cookies: { stytch_session_jwt: person } },
      own,
      403,
      'not_an_operator',
    ],
    [
      'a person on legacy',
      { cookies: await legacyCookies('grace@example.com') },
      own,
      403,
      'not_an_operator',
    ],
  ]
  for (const [who, credentials, headers, status, code] of refused) {
    const answer = await put(credentials, headers)
    expect(answer.status, who).toBe(status)
    expect(answer.json().error.code, who).toBe(code)
    expect(answer.headers.get('www-authenticate') !== null).toBe(status === 401)
  }
  for (const credentials of [{}, { bearer: 'wrong' }, { bearer: person }]) {
    const answer = await ask(path, credentials)
    expect([401, 403]).toContain(answer.status)
    expect(answer.text).not.toContain('cohort')
  }
  expect(await version()).toBe(before)
  // And these may, so the others could have.
  expect((await ask(path, { bearer: readerKey })).status).toBe(200)
  expect((await put({ bearer: operator })).json().version).toBe(before + 1)
  expect((await put({ bearer: token })).json().version).toBe(before + 2)
})

test("refuses an operator's cookie on a request that another page could have caused", async () => {
  const before = await version()
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
      const answer = await put({ cookies }, headers)
      expect(answer.status, JSON.stringify(headers)).toBe(403)
      expect(answer.json().error.code).toBe('cross_origin')
    }
  }
  expect(await version()).toBe(before)
  const answer = await put({ cookies: await stytchCookies('ada@example.com') }, own)
  expect(answer.json()).toEqual({ ...policy, version: before + 1 })
})

test('refuses what is no policy, and names every field', async () => {
  const before = await version()
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
    const answer = await put({ bearer: token }, {}, body)
    expect(answer.status, JSON.stringify(body)).toBe(400)
    const { error } = answer.json()
    expect(error.code).toBe('policy_invalid')
    expect(Object.keys(error.fields).sort(), JSON.stringify(body)).toEqual([...fields].sort())
  }
  expect(await version()).toBe(before)
})

test('refuses to overwrite a change that the operator has not seen', async () => {
  const before = await version()
  expect((await put({ bearer: token }, { 'if-match': `"${before}"` })).status).toBe(200)
  for (const seen of [before, before + 2, 0]) {
    const answer = await put({ bearer: token }, { 'if-match': `"${seen}"` })
    expect(answer.status).toBe(409)
    expect(answer.json().error).toMatchObject({ code: 'policy_conflict', version: before + 1 })
  }
  for (const header of ['"x"', '-1', '1, 2', '"1.0"']) {
    const answer = await put({ bearer: token }, { 'if-match': header })
    expect(answer.status, header).toBe(400)
    expect(answer.json().error.code).toBe('if_match_invalid')
  }
  expect(await version()).toBe(before + 1)
})

test('refuses all but one of the changes that come at once', async () => {
  const before = await version()
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => put({ bearer: token }, { 'if-match': `"${before}"` })),
  )
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(409)])
  expect(await version()).toBe(before + 1)
})

test('refuses other methods, and other paths to the same door', async () => {
  const before = await version()
  for (const method of ['POST', 'PATCH', 'DELETE']) {
    const answer = await ask(path, { method, bearer: token, body: JSON.stringify(policy) })
    expect(answer.status, method).toBe(405)
  }
  for (const other of ['/api/policy/', '/API/POLICY', '/api//policy', '/api/policy.json']) {
    const answer = await ask(other, { method: 'PUT', body: JSON.stringify(policy), headers: own })
    expect(answer.status, other).not.toBe(200)
  }
  expect(await version()).toBe(before)
})

test('refuses the control room and its action to everybody else', async () => {
  const before = await version()
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
  const form = (cookies: Record<string, string>) => {
    // As React writes the arguments of an action that a form calls: the state before, and the fields.
    const body = new FormData()
    body.set('_1_cohort', 'everybody')
    body.set('_1_carrySessions', 'yes')
    body.set('_1_expectedVersion', String(before))
    body.set('_1_intent', 'confirm')
    body.set('0', '[{"problem":null},"$K1"]')
    return actForm(cookies, body)
  }
  const refused = await form(await stytchCookies('grace@example.com'))
  expect(refused.status).toBe(403)
  expect((await form({})).headers.get('x-action-redirect')).toContain('/login')
  expect(await version()).toBe(before)
  expect(
    await database.query<{ n: string }>(`select count(*) as n from events where kind = 'policy'`),
  ).toEqual(changes)

  // An operator's goes through, so it was not the form that was refused.
  await form(await stytchCookies('ada@example.com'))
  expect(await version()).toBe(before + 1)
})

async function actForm(cookies: Record<string, string>, form: FormData) {
  const request = new Request('http://localhost', { method: 'POST', body: form })
  return act('changePolicy', '/control/policy', {
    cookies,
    body: await request.text(),
    headers: { 'content-type': request.headers.get('content-type') as string },
  })
}

test.afterAll(async () => {
  await putPolicy('before-the-migration')
})
