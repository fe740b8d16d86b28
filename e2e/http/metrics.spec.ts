import { appEnvironment } from '../../sandbox/settings.ts'
import { atOffset } from '../steps/clock.ts'
import { legacyCookies } from '../steps/legacy-session.ts'
import {
  failures,
  metricsToken,
  requestsOn,
  samples,
  someMinute,
  storedFailures,
} from '../steps/metrics.ts'
import { ask } from '../steps/request.ts'
import { stytchCookies } from '../steps/stytch-session.ts'
import { auth0 } from '../world/auth0.ts'
import { database } from '../world/database.ts'
import { putPolicy } from '../world/policy.ts'
import { stytch } from '../world/stytch.ts'
import { expect, test } from '../world/test.ts'

/** GET /api/metrics */

test('the app counts a request once, on the lane that serves it', async () => {
  for (const [lane, cookies] of [
    ['stytch', await stytchCookies('ada@example.com')],
    ['legacy', await legacyCookies('grace@example.com')],
  ] as const) {
    for (const path of ['/dashboard', '/', '/api/me']) {
      const before = (await samples())[requestsOn(lane)] ?? 0
      expect((await ask(path, { cookies })).status).toBe(200)
      expect((await samples())[requestsOn(lane)]).toBe(before + 1)
    }
  }
  const before = (await samples())[requestsOn('anonymous')] ?? 0
  await ask('/')
  expect((await samples())[requestsOn('anonymous')]).toBe(before + 1)
})

for (const [name, bearer] of [
  ['no token', undefined],
  ['an empty one', ''],
  ['a wrong one', 'demo-metrics-tokem'],
  ['a part of it', 'demo-metrics-toke'],
  ['more than it', 'demo-metrics-metricsToken-'],
] as const) {
  test(`refuses ${name}`, async () => {
    const answer = await ask('/api/metrics', { bearer })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /)
    expect(answer.headers.get('cache-control')).toContain('no-store')
    expect(answer.json().error.code).toBe('not_signed_in')
    expect(answer.text).not.toContain('cutover_')
  })
}

for (const [name, headers] of [
  ['as Basic', { authorization: `Basic ${btoa(`:${metricsToken}`)}` }],
  ['without a scheme', { authorization: metricsToken }],
  ['in a cookie', { cookie: `token=${metricsToken}` }],
] as const) {
  test(`refuses the token ${name}`, async () => {
    expect((await ask('/api/metrics', { headers })).status).toBe(401)
  })
}

test('refuses the token in the query of the address', async () => {
  expect((await ask(`/api/metrics?token=${metricsToken}`)).status).toBe(401)
})

test('takes CONTROL_TOKEN too', async () => {
  const answer = await ask('/api/metrics', { bearer: appEnvironment.CONTROL_TOKEN })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(answer.headers.get('cache-control')).toContain('no-store')
})

test('lets an operator in, and refuses other users', async () => {
  const as = async (email: string) => ask('/api/metrics', { cookies: await stytchCookies(email) })
  expect((await as('ada@example.com')).status).toBe(200)
  const grace = await as('grace@example.com')
  expect(grace.status).toBe(403)
  expect(grace.json().error.code).toBe('not_an_operator')
  expect(grace.text).not.toContain('cutover_')
})

test('refuses an operator’s address that is not verified, and an operator’s token that was issued to another client', async () => {
  const cookies = await legacyCookies('alan@example.com')
  expect((await ask('/api/metrics', { cookies })).status).toBe(403)
  const bearer = await auth0.token('ada@example.com', { claims: { azp: 'somebody-elses' } })
  expect((await ask('/api/metrics', { bearer })).status).toBe(403)
})

test('refuses the token of the metrics at every other route', async () => {
  const body = JSON.stringify({ cohort: 'everybody', carrySessions: true, note: '' })
  const headers = { 'content-type': 'application/json' }
  expect((await ask('/api/policy', { bearer: metricsToken })).status).toBe(401)
  expect(
    (await ask('/api/policy', { bearer: metricsToken, method: 'PUT', body, headers })).status,
  ).toBe(401)
  expect((await ask('/api/me', { bearer: metricsToken })).status).toBe(401)
  expect((await ask('/api/cron/mirror', { bearer: metricsToken })).status).toBe(401)
  expect((await ask('/control', { bearer: metricsToken })).status).not.toBe(200)
})

test.describe('with zero downtime', () => {
  test.use({ policy: 'zero-downtime' })

  test('with the database down, the metrics say so, and give the known figures', async () => {
    const version = await putPolicy('zero-downtime')
    await database.setUp(false)
    const away = await samples()
    expect(away).toMatchObject({
      cutover_database_up: 0,
      cutover_policy_version: version,
      cutover_policy_cohort_ratio: 1,
    })
    expect(Object.keys(away).join()).not.toMatch(/active|30d|claims\{|mirror_/)
    await database.setUp(true)
    expect(await samples()).toMatchObject({ cutover_database_up: 1 })
  })
})

test.describe('with sign-in all at once', () => {
  test.use({ policy: 'all-at-once' })

  test('the app counts and stores a refresh that Stytch does not answer as a failure', async () => {
    const offset = someMinute()
    const exp = Math.floor(Date.now() / 1_000) - 1
    const cookies = await stytchCookies('ada@example.com', { claims: { exp } })
    await stytch.setFaults([{ method: 'POST', path: '/v1/sessions/authenticate', drop: true }])
    const name = failures('refresh', 'stytch_unavailable')
    const before = (await samples())[name] ?? 0
    const headers = atOffset(offset)
    for (const attempt of [1, 2]) {
      expect((await ask('/dashboard', { cookies, headers })).status).toBe(503)
      expect((await samples())[name]).toBe(before + attempt)
    }
    await expect.poll(storedFailures).toHaveLength(1)
    // The app must not count a user who opens the page by hand as an outage.
    await ask('/unavailable', {
      headers: { ...headers, 'x-cutover-trace': '%7B%22action%22%3A%22retry%22%7D' },
    })
    expect((await samples())[name]).toBe(before + 2)
  })
})
