import { createHash } from 'node:crypto'
import { decodeJwt } from 'jose'
import { appEnvironment, demoUsers } from '../sandbox/settings.ts'
import { auth0, database, putPolicy, stytch } from './stand-ins.ts'
import {
  act,
  ask,
  expect,
  haveLegacySession,
  legacyCookies,
  signInAtAuth0,
  stytchCookies,
  test,
} from './test.ts'

const token = appEnvironment.METRICS_TOKEN as string
const scrape = () => ask('/api/metrics', { bearer: token })

/** Every sample, by its name and labels. */
async function samples(): Promise<Record<string, number>> {
  const { status, text } = await scrape()
  expect(status).toBe(200)
  const lines = text.split('\n').filter((line) => line && !line.startsWith('#'))
  return Object.fromEntries(
    lines.map((line) => {
      const end = line.lastIndexOf(' ')
      return [line.slice(0, end), Number(line.slice(end + 1))]
    }),
  )
}
const requests = (lane: string) => `cutover_requests_total{lane="${lane}"}`
const active = (lane: string) => `cutover_active_sessions{lane="${lane}"}`
const eventsOf = (kind: string, lane: string, result: string, reason: string) =>
  `cutover_events_total{kind="${kind}",lane="${lane}",result="${result}",reason="${reason}"}`
const failure = (kind: string, reason: string) => eventsOf(kind, 'anonymous', 'failed', reason)

/** What was written down about a Stytch session. */
const sightingsOf = ({ stytch_session_jwt: jwt = '' }: Record<string, string>) => {
  const { id } = decodeJwt(jwt)['https://stytch.com/session'] as { id: string }
  const key = createHash('sha256').update(`stytch\n${id}`).digest('base64url')
  return database.query<{ lane: string; first_seen: string; last_seen: string }>(
    'select * from sightings where session_key = $1',
    [key],
  )
}

test('signing in and being carried over moves the figures', async ({ page }) => {
  // What other tests did leaves the window of five minutes while this one looks.
  await database.query('delete from sightings')
  const before = await samples()
  await signInAtAuth0(page, 'ada@example.com')
  await expect
    .poll(samples)
    .toMatchObject({ [active('legacy')]: (before[active('legacy')] ?? 0) + 1 })
  const onLegacy = await samples()
  expect(onLegacy[requests('legacy')]).toBeGreaterThan(before[requests('legacy')] ?? 0)
  expect(onLegacy).toMatchObject({ cutover_policy_cohort_ratio: 0, cutover_database_up: 1 })

  const version = await putPolicy('zero-downtime')
  const migrated = eventsOf('migration', 'stytch', 'migrated', 'carried_over')
  await page.reload()
  await expect(page.getByText('Your session was carried over to Stytch.')).toBeVisible()
  const sum = (found: Record<string, number>, name: string, more = 0) => (found[name] ?? 0) + more
  const count = 'cutover_time_to_migrate_seconds_count'
  const claims = 'cutover_claims{state="migrated"}'
  await expect
    .poll(samples)
    .toMatchObject({ [active('stytch')]: sum(onLegacy, active('stytch'), 1) })
  const after = await samples()
  expect(after).toMatchObject({
    [migrated]: sum(onLegacy, migrated, 1),
    [count]: sum(onLegacy, count, 1),
    [claims]: sum(onLegacy, claims, 1),
    [active('legacy')]: onLegacy[active('legacy')],
    cutover_policy_version: version,
    cutover_policy_cohort_ratio: 1,
    cutover_policy_carries_sessions: 1,
    cutover_mirror_enabled: 0,
  })
  expect(after[requests('stytch')]).toBeGreaterThan(onLegacy[requests('stytch')] ?? 0)
})

test('a request is counted once, by the lane it is served on', async () => {
  for (const [lane, cookies] of [
    ['stytch', await stytchCookies('ada@example.com')],
    ['legacy', await legacyCookies('grace@example.com')],
  ] as const) {
    for (const path of ['/dashboard', '/', '/api/me']) {
      const before = (await samples())[requests(lane)] ?? 0
      expect((await ask(path, { cookies })).status).toBe(200)
      expect((await samples())[requests(lane)]).toBe(before + 1)
    }
  }
  const before = (await samples())[requests('anonymous')] ?? 0
  await ask('/')
  expect((await samples())[requests('anonymous')]).toBe(before + 1)
})

test.describe('a session is seen', () => {
  for (const [where, request] of [
    ['on a page', (cookies) => ask('/dashboard', { cookies })],
    ['on a page for everybody', (cookies) => ask('/', { cookies })],
    ['by a route handler', (cookies) => ask('/api/me', { cookies })],
    ['by a server action', (cookies) => act('signOut', '/dashboard', { cookies })],
  ] as [string, (cookies: Record<string, string>) => Promise<{ status: number }>][]) {
    test(where, async () => {
      const cookies = await stytchCookies('grace@example.com')
      expect(await sightingsOf(cookies)).toEqual([])
      expect((await request(cookies)).status).toBeLessThan(400)
      await expect.poll(() => sightingsOf(cookies)).toMatchObject([{ lane: 'stytch' }])
    })
  }

  test('and not by what opens it or says whose it is', async () => {
    const cookies = await legacyCookies('grace@example.com')
    const stytchOnes = await stytchCookies('ada@example.com')
    await ask('/api/me', { cookies })
    await ask('/api/me', { cookies: stytchOnes })
    await expect.poll(() => sightingsOf(stytchOnes)).toHaveLength(1)
    const rows = JSON.stringify(await database.query('select * from sightings'))
    const bearer = await auth0.token('grace@example.com')
    for (const secret of [...Object.values({ ...cookies, ...stytchOnes }), bearer]) {
      expect(rows).not.toContain(secret)
    }
    expect(rows).not.toMatch(/example\.com|auth0\||user-test|session-test|acct_/)
  })

  test('but not by a prefetch: nobody was there', async () => {
    const byRouter = await stytchCookies('grace@example.com')
    const router = { cookies: byRouter, headers: { rsc: '1', 'next-router-prefetch': '1' } }
    // Next leads a request for data on to the address with the key of its cache.
    const location = (await ask('/dashboard', router)).headers.get('location') ?? ''
    expect(location).toContain('_rsc=')
    expect((await ask(location, router)).status).toBe(200)
    const byBrowser = await stytchCookies('grace@example.com')
    const browser = { cookies: byBrowser, headers: { 'sec-purpose': 'prefetch' } }
    expect((await ask('/dashboard', browser)).status).toBe(200)
    const forged = await stytchCookies('grace@example.com')
    const trace = encodeURIComponent(JSON.stringify({ kind: 'prefetch' }))
    await ask('/dashboard', { cookies: forged, headers: { 'x-cutover-trace': trace } })
    await expect.poll(() => sightingsOf(forged)).toHaveLength(1)
    for (const prefetched of [byRouter, byBrowser]) {
      expect(await sightingsOf(prefetched)).toEqual([])
    }
  })

  test('and a legacy session even by a prefetch: it is alive, and legacy must not be switched off under it', async () => {
    const cookies = await legacyCookies('grace@example.com')
    await database.query("delete from sightings where lane = 'legacy'")
    await ask('/dashboard', { cookies, headers: { purpose: 'prefetch' } })
    await expect
      .poll(() => database.query("select lane from sightings where lane = 'legacy'"))
      .toEqual([{ lane: 'legacy' }])
  })

  test('again in another minute', async () => {
    const cookies = await stytchCookies('grace@example.com')
    const see = (offset: number) =>
      ask('/api/me', { cookies, headers: { 'x-sandbox-clock-offset-seconds': String(offset) } })
    await see(0)
    await expect.poll(() => sightingsOf(cookies)).toHaveLength(1)
    const [first] = await sightingsOf(cookies)
    await see(120)
    await expect
      .poll(async () => Date.parse((await sightingsOf(cookies))[0]?.last_seen ?? ''))
      .toBeGreaterThan(Date.parse(first?.last_seen ?? '') + 100_000)
    expect(await sightingsOf(cookies)).toMatchObject([{ first_seen: first?.first_seen }])
  })

  test('and served at once when the database is away', async () => {
    const cookies = await stytchCookies('ada@example.com')
    expect((await ask('/api/me', { cookies })).status).toBe(200)
    await database.setUp(false)
    const later = { 'x-sandbox-clock-offset-seconds': '60' }
    expect((await ask('/api/me', { cookies, headers: later })).status).toBe(200)
    await database.setUp(true)
    expect((await ask('/api/me', { cookies })).status).toBe(200)
  })
})

test.describe('the door', () => {
  for (const [name, bearer] of [
    ['no token', undefined],
    ['an empty one', ''],
    ['a wrong one', 'demo-metrics-tokem'],
    ['a part of it', 'demo-metrics-toke'],
    ['more than it', 'demo-metrics-token-'],
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
    ['as Basic', { authorization: `Basic ${btoa(`:${token}`)}` }],
    ['without a scheme', { authorization: token }],
    ['in a cookie', { cookie: `token=${token}` }],
  ] as const) {
    test(`refuses the token ${name}`, async () => {
      expect((await ask('/api/metrics', { headers })).status).toBe(401)
    })
  }

  test('refuses the token in the address', async () => {
    expect((await ask(`/api/metrics?token=${token}`)).status).toBe(401)
  })

  test('opens to CONTROL_TOKEN', async () => {
    const answer = await ask('/api/metrics', { bearer: appEnvironment.CONTROL_TOKEN })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(answer.headers.get('cache-control')).toContain('no-store')
  })

  test('opens to an operator, and refuses everybody else who is signed in', async () => {
    const as = async (email: string) => ask('/api/metrics', { cookies: await stytchCookies(email) })
    expect((await as('ada@example.com')).status).toBe(200)
    const grace = await as('grace@example.com')
    expect(grace.status).toBe(403)
    expect(grace.json().error.code).toBe('not_an_operator')
    expect(grace.text).not.toContain('cutover_')
  })

  test('refuses an operator’s address that nobody verified, and a token in other hands', async () => {
    const cookies = await legacyCookies('alan@example.com')
    expect((await ask('/api/metrics', { cookies })).status).toBe(403)
    const bearer = await auth0.token('ada@example.com', { claims: { azp: 'somebody-elses' } })
    expect((await ask('/api/metrics', { bearer })).status).toBe(403)
  })

  test('is of metrics only: their token opens nothing else', async () => {
    const body = JSON.stringify({ cohort: 'everybody', carrySessions: true, note: '' })
    const headers = { 'content-type': 'application/json' }
    expect((await ask('/api/policy', { bearer: token })).status).toBe(401)
    expect((await ask('/api/policy', { bearer: token, method: 'PUT', body, headers })).status).toBe(
      401,
    )
    expect((await ask('/api/me', { bearer: token })).status).toBe(401)
    expect((await ask('/api/cron/mirror', { bearer: token })).status).toBe(401)
    expect((await ask('/control', { bearer: token })).status).not.toBe(200)
  })
})

test('the metrics say nothing about anybody', async ({ page, context }) => {
  await haveLegacySession(context, 'ada@example.com')
  await putPolicy('zero-downtime')
  await page.goto('/dashboard')
  await expect(page.getByText('Your session was carried over to Stytch.')).toBeVisible()
  const secrets = (await context.cookies()).map(({ value }) => value).filter((each) => each.length)
  const { text } = await scrape()
  for (const secret of [...secrets, token]) expect(text).not.toContain(secret)
  for (const { email, name, subject } of demoUsers) {
    for (const personal of [email, name, subject]) expect(text).not.toContain(personal)
  }
  expect(text).not.toMatch(/@|acct_|user-test|session-test|127\.0\.0\.1|localhost/)
})

test('without the database: what is known, and that it is away', async () => {
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

test.describe('an operator sees as an error', () => {
  /** The beginning of a minute, far from other tests: of one failure, one a minute is stored. */
  const someMinute = () =>
    86_400 * (1 + Math.floor(Math.random() * 1_000)) - (Math.floor(Date.now() / 1_000) % 60)
  const stored = () =>
    database.query<{ kind: string; reason: string; subject: null }>(
      `select kind, reason, subject, account_id from events where result = 'failed'`,
    )

  test('that Stytch does not answer somebody who signs in', async ({ page, context }) => {
    await putPolicy('zero-downtime')
    const name = failure('sign_in', 'stytch_unavailable')
    const before = (await samples())[name] ?? 0
    const headers = { 'x-sandbox-clock-offset-seconds': String(someMinute()) }
    await context.setExtraHTTPHeaders(headers)
    await stytch.setFaults([{ method: 'POST', path: '/v1/passwords/authenticate', drop: true }])
    await page.goto('/login?with=password')
    for (const attempt of [1, 2]) {
      await page.getByLabel('Email address').fill('ada@example.com')
      await page.getByLabel('Password', { exact: true }).fill('demo-password')
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await expect(page.getByRole('main').getByRole('alert')).toContainText('cannot be reached')
      await expect.poll(samples).toMatchObject({ [name]: before + attempt })
    }
    const event = { kind: 'sign_in', reason: 'stytch_unavailable', subject: null, account_id: null }
    await expect.poll(stored).toEqual([event])
  })

  test('that Stytch does not answer for a session that has to be refreshed', async () => {
    await putPolicy('all-at-once')
    const offset = someMinute()
    const exp = Math.floor(Date.now() / 1_000) - 1
    const cookies = await stytchCookies('ada@example.com', { claims: { exp } })
    await stytch.setFaults([{ method: 'POST', path: '/v1/sessions/authenticate', drop: true }])
    const name = failure('refresh', 'stytch_unavailable')
    const before = (await samples())[name] ?? 0
    const headers = { 'x-sandbox-clock-offset-seconds': String(offset) }
    for (const attempt of [1, 2]) {
      expect((await ask('/dashboard', { cookies, headers })).status).toBe(503)
      expect((await samples())[name]).toBe(before + attempt)
    }
    await expect.poll(stored).toHaveLength(1)
    // Opened by hand, the page is no outage.
    await ask('/unavailable', {
      headers: { ...headers, 'x-cutover-trace': '%7B%22action%22%3A%22retry%22%7D' },
    })
    expect((await samples())[name]).toBe(before + 2)
  })
})
