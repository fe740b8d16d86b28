import { urls } from '../../../sandbox/settings.ts'
import { legacyCookies } from '../../steps/legacy-session.ts'
import {
  controlToken,
  everybody,
  inForce,
  ourPage,
  policyPath,
  putJson,
  versionInForce,
} from '../../steps/policy-api.ts'
import { ask, expectNotCached } from '../../steps/request.ts'
import { database } from '../../world/database.ts'
import { policyVersions, putPolicy } from '../../world/policy.ts'
import { expect, test } from '../../world/test.ts'

/** PUT /api/policy */

const partly = {
  cohort: {
    percent: 12.5,
    organizations: ['acme'],
    countries: ['NZ'],
    ipRanges: ['203.0.113.0/24', '2001:db8::/32'],
    minAppVersion: '4.2.0',
  },
  carrySessions: false,
  note: '',
}

test('takes a whole policy and answers it with its new version', async () => {
  const before = await versionInForce()
  const response = await putJson(partly)
  expect(response.status).toBe(200)
  expect(response.headers.get('etag')).toBe(`"${before + 1}"`)
  expectNotCached(response)
  expect(response.json()).toEqual({ ...partly, version: before + 1 })
  expect(await inForce()).toEqual({ ...partly, version: before + 1 })
  expect(
    await database.query("select reason, subject from events where kind = 'policy'"),
  ).toContainEqual({ reason: 'rolling', subject: 'control-token' })
})

test('sets defaults for optional fields', async () => {
  const response = await putJson({ cohort: { percent: 5 }, carrySessions: true })
  expect(response.status).toBe(200)
  expect(response.json()).toMatchObject({
    cohort: { percent: 5, organizations: [], countries: [], ipRanges: [], minAppVersion: null },
    note: '',
  })
})

test('never overwrites a version', async () => {
  const first = await putPolicy(everybody)
  const second = await putPolicy('all-at-once')
  expect(second).toBe(first + 1)
  const rows = await database.query<{ version: number }>(
    'select version from policies where version in ($1, $2) order by version',
    [first, second],
  )
  expect(rows.map(({ version }) => version)).toEqual([first, second])
})

const invalid: [name: string, body: unknown, fields: string[]][] = [
  ['nothing at all', {}, ['carrySessions', 'cohort']],
  ['a word that is no cohort', { ...everybody, cohort: 'some' }, ['cohort']],
  ['a text for a boolean', { ...everybody, carrySessions: 'yes' }, ['carrySessions']],
  ['a note that is too long', { ...everybody, note: 'x'.repeat(501) }, ['note']],
  ['more than a hundred percent', { ...partly, cohort: { percent: 101 } }, ['cohort.percent']],
  ['less than nothing', { ...partly, cohort: { percent: -1 } }, ['cohort.percent']],
  ['a misspelt field', { ...everybody, carrySession: true }, ['carrySession']],
  ['a misspelt rule', { ...partly, cohort: { precent: 5 } }, ['cohort.precent']],
  [
    'four rules at once',
    {
      cohort: {
        percent: '5',
        countries: ['NZ', 'nz'],
        ipRanges: ['203.0.113.0'],
        minAppVersion: 'latest',
      },
      carrySessions: 1,
    },
    [
      'carrySessions',
      'cohort.countries.1',
      'cohort.ipRanges.0',
      'cohort.minAppVersion',
      'cohort.percent',
    ],
  ],
  ['a list', [], ['policy']],
  ['null', 'null', ['policy']],
  ['no JSON', '{"cohort":', ['policy']],
]
for (const [name, body, fields] of invalid) {
  test(`refuses ${name}, names every invalid field, and changes nothing`, async () => {
    const before = await inForce()
    const response = await putJson(body)
    expect(response.status).toBe(400)
    const { error } = response.json() as {
      error: { code: string; message: string; fields: Record<string, string> }
    }
    expect(error.code).toBe('policy_invalid')
    expect(Object.keys(error.fields).sort()).toEqual(fields)
    for (const text of Object.values(error.fields)) expect(text.length).toBeGreaterThan(5)
    expect(await inForce()).toEqual(before)
  })
}

test('takes a change with If-Match for the version in force', async () => {
  const version = await putPolicy(everybody)
  const response = await putJson(partly, { bearer: controlToken }, { 'if-match': `"${version}"` })
  expect(response.status).toBe(200)
  expect(response.json().version).toBe(version + 1)
})

test('refuses a change with If-Match for an older version, and names the one in force', async () => {
  const old = await putPolicy('before-the-migration')
  const version = await putPolicy(everybody)
  const response = await putJson(partly, { bearer: controlToken }, { 'if-match': `"${old}"` })
  expect(response.status).toBe(409)
  expectNotCached(response)
  expect(response.json()).toEqual({
    error: {
      code: 'policy_conflict',
      message: expect.stringContaining(`version ${version}`),
      version,
    },
  })
  expect(await inForce()).toEqual({ ...everybody, version })
})

test('takes one of ten changes at once with the same If-Match', async () => {
  const version = await putPolicy('before-the-migration')
  const responses = await Promise.all(
    Array.from({ length: 10 }, () =>
      putJson(everybody, { bearer: controlToken }, { 'if-match': `"${version}"` }),
    ),
  )
  const statuses = responses.map(({ status }) => status).sort()
  expect(statuses).toEqual([200, ...Array(9).fill(409)])
  expect(await versionInForce()).toBe(version + 1)
})

test('refuses an If-Match that is not a version', async () => {
  const { version } = await inForce()
  for (const value of ['"abc"', '-1', '"1", "2"', '""']) {
    const response = await putJson(everybody, { bearer: controlToken }, { 'if-match': value })
    expect(response.status).toBe(400)
    expect(response.json()).toMatchObject({ error: { code: 'if_match_invalid' } })
  }
  expect(await versionInForce()).toBe(version)
  expect((await putJson(everybody, { bearer: controlToken }, { 'if-match': '*' })).status).toBe(200)
})

test('takes an operator’s cookie from a page of this site only (CSRF)', async () => {
  const cookies = await legacyCookies('ada@example.com')
  const { version } = await inForce()
  const put = (headers: Record<string, string>) => putJson(everybody, { cookies }, headers)
  for (const headers of [
    {},
    { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    { origin: urls.auth0, 'sec-fetch-site': 'same-site' },
    { origin: 'null' },
    { origin: urls.app, 'sec-fetch-site': 'same-site' },
    { origin: urls.app, 'sec-fetch-site': 'none' },
  ]) {
    const response = await put(headers as Record<string, string>)
    expect(response.status).toBe(403)
    expect(response.json()).toMatchObject({ error: { code: 'cross_origin' } })
  }
  expect(await versionInForce()).toBe(version)

  const response = await put(ourPage)
  expect(response.status).toBe(200)
  expect(response.json()).toEqual({ ...everybody, version: version + 1 })
  const [row] = await database.query<{ author: string }>(
    'select author from policies where version = $1',
    [version + 1],
  )
  expect(row?.author).toBe('ada@example.com')
})

test('refuses to change the policy for anybody but an operator', async () => {
  const { version } = await inForce()
  expect((await putJson(everybody, {})).status).toBe(403)
  expect((await putJson(everybody, {}, ourPage)).status).toBe(401)
  const cookies = await legacyCookies('grace@example.com')
  const response = await putJson(everybody, { cookies }, ourPage)
  expect(response.status).toBe(403)
  expect(response.json()).toMatchObject({ error: { code: 'not_an_operator' } })
  expect(await versionInForce()).toBe(version)
})

test('refuses other methods', async () => {
  for (const method of ['POST', 'PATCH', 'DELETE'])
    expect((await ask(policyPath, { method, bearer: controlToken })).status, method).toBe(405)
})

test('a change is in force everywhere within five seconds', async () => {
  await putPolicy('before-the-migration')
  // In the worst case, both runtimes have just read the policy.
  await policyVersions()
  const response = await putJson(everybody)
  const { version } = response.json()
  const started = performance.now()
  await expect.poll(policyVersions, { intervals: [50] }).toEqual([version, version])
  const milliseconds = performance.now() - started
  test.info().annotations.push({ type: 'ms', description: milliseconds.toFixed(0) })
  expect(milliseconds).toBeLessThan(5_000)
  // Neither runtime may go back to its cached policy.
  for (let i = 0; i < 20; i++) expect(await policyVersions()).toEqual([version, version])
})
