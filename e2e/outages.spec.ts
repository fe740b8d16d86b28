import type { BrowserContext, Page } from '@playwright/test'
import { urls } from '../sandbox/settings.ts'
import { auth0, count, database, type Fault, putPolicy, stytch } from './stand-ins.ts'
import {
  act,
  ask,
  expect,
  haveLegacySession,
  legacyCookies,
  me,
  stytchCookies,
  test,
} from './test.ts'

/** Something is away: nobody is logged out, nothing is done twice, and it all comes right afterwards. */

const migrate = '/v1/sessions/migrate'
const authenticate = '/v1/sessions/authenticate'
const clock = (offset: number) => ({ 'x-sandbox-clock-offset-seconds': String(offset) })
/** Past the first back-off, which is 30 seconds and up to a fifth more. */
const later = 61
const seconds = () => Math.floor(Date.now() / 1_000)

const stytchError = (status: number, type: string) => ({
  status,
  body: { status_code: status, error_type: type, error_message: type, error_url: '' },
})
const html = '<!doctype html><title>Maintenance</title>'

type Outage = { name: string; reason: string; at: typeof stytch | typeof auth0; fault: Fault }
const atMigrate = (fault: Omit<Fault, 'path'>) => ({ method: 'POST', path: migrate, ...fault })
const atUserinfo = (fault: Omit<Fault, 'path'>) => ({ method: 'GET', path: '/userinfo', ...fault })

const outages: Outage[] = [
  ...(
    [
      ['Stytch is down', 'stytch_unavailable', { drop: true }],
      ['Stytch is slow past the deadline', 'stytch_timeout', { delayMs: 4_500 }],
      ['Stytch answers 429', 'stytch_rate_limited', stytchError(429, 'too_many_requests')],
      ['Stytch answers 500', 'stytch_unavailable', stytchError(500, 'internal_server_error')],
      ['Stytch answers 502 with a page', 'stytch_unavailable', { status: 502, body: html }],
      ['Stytch answers with a page', 'stytch_unavailable', { status: 200, body: html }],
      ['Stytch answers with nothing', 'stytch_unexpected_response', { status: 200, body: {} }],
      ['Stytch answers with null', 'stytch_unexpected_response', { status: 200, body: 'null' }],
      [
        'Stytch got nothing usable from userinfo',
        'legacy_unexpected_response',
        stytchError(400, 'migrate_from_external_unexpected_response'),
      ],
      [
        'Stytch lost the address of userinfo',
        'stytch_unavailable',
        stytchError(400, 'migrate_from_external_missing_userinfo'),
      ],
    ] as [string, string, Omit<Fault, 'path'>][]
  ).map(([name, reason, fault]) => ({ name, reason, at: stytch, fault: atMigrate(fault) })),
  ...(
    [
      ['userinfo is down', 'legacy_unavailable', { drop: true }],
      ['userinfo is slow past the deadline', 'legacy_timeout', { delayMs: 4_500 }],
      ['userinfo answers 429', 'legacy_rate_limited', { status: 429 }],
      ['userinfo answers 500', 'legacy_unavailable', { status: 500 }],
      ['userinfo answers with a page', 'legacy_unexpected_response', { status: 200, body: html }],
      ['userinfo answers with nothing', 'legacy_unexpected_response', { status: 200, body: {} }],
    ] as [string, string, Omit<Fault, 'path'>][]
  ).map(([name, reason, fault]) => ({ name, reason, at: auth0, fault: atUserinfo(fault) })),
]

const events = () =>
  database.query<{ result: string; reason: string; lane: string; account_id: string | null }>(
    `select result, reason, lane, account_id from events where kind = 'migration' order by id`,
  )
/** Every call that the migration makes at a provider. */
const providerCalls = async () =>
  [...(await stytch.requests()), ...(await auth0.requests())].filter(
    ({ path }) => !path.includes('jwks') && !path.includes('openid-configuration'),
  ).length
const migrated = async () =>
  (await stytch.requests()).filter(({ path, status }) => path === migrate && status === 200).length
const stytchSessionsOf = async (email: string) =>
  (await stytch.users()).find((user) => user.email === email)?.sessions

/** A call is in the log when it has ended. What Stytch then opened too late is revoked, which is another one. */
async function untilLateCallsEnded({ at, fault }: Pick<Outage, 'at' | 'fault'>): Promise<void> {
  await expect.poll(() => count(at, fault.method as string, fault.path)).toBe(1)
  if (at === stytch) await expect.poll(() => count(stytch, 'POST', '/v1/sessions/revoke')).toBe(1)
}

const carriedOver = (page: Page) => page.getByText('Your session was carried over to Stytch.')
const stayed = (page: Page, reason: string) =>
  page.getByText('Not carried over this time').filter({ hasText: reason })
const signedInAt = (page: Page) => page.getByText('Signed in at').locator('..')

for (const { name, reason, at, fault } of outages) {
  test(`while ${name}, an API client goes on with the token it has`, async () => {
    await putPolicy('zero-downtime')
    const bearer = await auth0.token('ada@example.com')
    const person = (await ask('/api/me', { bearer })).json().user
    await Promise.all([stytch.forgetRequests(), auth0.forgetRequests()])
    await at.setFaults([fault])
    const door = (headers = {}) => ask('/api/sessions/migrate', { method: 'POST', bearer, headers })

    const started = performance.now()
    const first = await door()
    const answered = performance.now()
    expect(first.status).toBe(503)
    expect(first.json().error.code).toBe(reason)
    const wait = Number(first.headers.get('retry-after'))
    // Half a minute and up to a fifth more, from the attempt on.
    expect(wait).toBeGreaterThanOrEqual(30 - (answered - started) / 1_000)
    expect(wait).toBeLessThanOrEqual(36)
    const still = await ask('/api/me', { bearer })
    expect(still.json()).toMatchObject({ user: person, session: { lane: 'legacy' } })
    expect(await events()).toMatchObject([{ result: 'failed', reason, lane: 'legacy' }])
    // Only once userinfo has answered has anybody proved who it is.
    expect([null, person.id]).toContain((await events())[0]?.account_id)

    // A slow call is still on its way when we have stopped waiting.
    if (fault.delayMs) await untilLateCallsEnded({ at, fault })
    const calls = await providerCalls()
    await at.clearFaults()
    const almost = wait - 5 - (performance.now() - answered) / 1_000
    for (const headers of [{}, clock(almost)]) {
      const early = await door(headers)
      expect(early.status).toBe(503)
      expect(early.json().error.code).toBe(reason)
    }
    expect(await providerCalls()).toBe(calls)
    expect(await events()).toHaveLength(1)

    await stytch.forgetRequests()
    const second = await door(clock(later))
    expect(second.status).toBe(200)
    const after = await ask('/api/me', { bearer: second.json().session_jwt })
    expect(after.json()).toMatchObject({ user: person, session: { lane: 'stytch' } })
    expect(await migrated()).toBe(1)
    expect((await events()).map((event) => event.result)).toEqual(['failed', 'migrated'])
    // What Stytch opened too late was nobody's, and is ended.
    await expect.poll(() => stytchSessionsOf('ada@example.com')).toBe(1)
  })

  test(`while ${name}, the page is as it was`, async ({ page, context }) => {
    await putPolicy('zero-downtime')
    await haveLegacySession(context, 'ada@example.com')
    const person = (await me(context)).body.user
    await at.setFaults([fault])

    await page.goto('/dashboard')
    await expect(stayed(page, reason)).toBeVisible()
    await expect(signedInAt(page)).toContainText('Auth0')
    expect((await me(context)).body).toMatchObject({ user: person, session: { lane: 'legacy' } })
    expect((await events()).map((event) => [event.result, event.reason])).toEqual([
      ['failed', reason],
    ])

    if (fault.delayMs) await untilLateCallsEnded({ at, fault })
    const calls = await providerCalls()
    await at.clearFaults()
    await page.reload()
    await expect(stayed(page, reason)).toBeVisible()
    expect(await providerCalls()).toBe(calls)

    await context.setExtraHTTPHeaders(clock(later))
    await page.reload()
    await expect(carriedOver(page)).toBeVisible()
    await expect(signedInAt(page)).toContainText('Stytch')
    expect((await me(context)).body).toMatchObject({ user: person, session: { lane: 'stytch' } })
    expect((await events()).map((event) => event.result)).toEqual(['failed', 'migrated'])
  })
}

test('the pauses between attempts grow, and every attempt is one call', async () => {
  await putPolicy('zero-downtime')
  const bearer = await auth0.token('ada@example.com')
  await stytch.setFaults([atMigrate({ drop: true })])
  let offset = 0
  const waits: number[] = []
  for (let attempt = 1; attempt <= 4; attempt += 1) {
    const started = performance.now()
    const answer = await ask('/api/sessions/migrate', {
      method: 'POST',
      bearer,
      headers: clock(offset),
    })
    expect(answer.status).toBe(503)
    const wait = Number(answer.headers.get('retry-after'))
    waits.push(wait)
    const least = 30 * 2 ** (attempt - 1)
    expect(wait).toBeGreaterThanOrEqual(least - (performance.now() - started) / 1_000)
    expect(wait).toBeLessThanOrEqual(least * 1.2)
    expect(await count(stytch, 'POST', migrate)).toBe(attempt)
    offset += wait + 1
  }
  expect(waits).toEqual([...waits].sort((a, b) => a - b))
})

const refreshOutages: [string, Omit<Fault, 'path'>][] = [
  ['is down', { drop: true }],
  ['is slow past the deadline', { delayMs: 4_500 }],
  ['answers 429', stytchError(429, 'too_many_requests')],
  ['answers 500', stytchError(500, 'internal_server_error')],
  ['answers with a page', { status: 200, body: html }],
  ['answers with nothing', { status: 200, body: {} }],
  ['does not know our keys', stytchError(401, 'unauthorized_credentials')],
]
for (const [name, fault] of refreshOutages) {
  test(`while Stytch ${name}, an expired JWT logs nobody out`, async () => {
    await putPolicy('all-at-once')
    const cookies = await stytchCookies('ada@example.com', { claims: { exp: seconds() - 1 } })
    await stytch.setFaults([{ method: 'POST', path: authenticate, ...fault }])

    const page = await ask('/dashboard', { cookies })
    expect(page.status).toBe(503)
    expect(page.headers.get('retry-after')).toBe('5')
    expect(page.text).toContain('You have not been signed out.')
    const api = await ask('/api/me', { cookies })
    expect(api.status).toBe(503)
    expect(api.json().error.code).toBe('stytch_unavailable')
    expect(api.headers.get('retry-after')).toBe('5')
    // What is posted is not led to the login either: the person is signed in.
    const posted = await act('addNote', '/dashboard', { cookies })
    expect(posted.status).toBe(500)
    expect(posted.headers.get('x-action-redirect')).toBeNull()
    for (const answer of [page, api, posted]) {
      expect(answer.headers.getSetCookie().join()).not.toContain('session')
      expect(answer.headers.get('location')).toBeNull()
    }

    // A legacy session that the policy accepts serves meanwhile, and is not carried over blindly.
    const legacy = await legacyCookies('ada@example.com')
    expect((await ask('/dashboard', { cookies: { ...legacy, ...cookies } })).status).toBe(503)
    await putPolicy('zero-downtime')
    const both = await ask('/api/me', { cookies: { ...legacy, ...cookies } })
    expect(both.json()).toMatchObject({
      user: { email: 'ada@example.com' },
      session: { lane: 'legacy' },
    })
    expect(both.headers.getSetCookie().join()).not.toContain('session')
    expect(await count(stytch, 'POST', migrate)).toBe(0)

    await stytch.clearFaults()
    // A provider that did not answer is left alone for a moment.
    await expect.poll(async () => (await ask('/api/me', { cookies })).status).toBe(200)
    const again = await ask('/api/me', { cookies })
    expect(again.json().session.lane).toBe('stytch')
    expect(again.sessionCookies).toHaveLength(2)
  })
}

test('while Stytch is down, the page waits and opens by itself', async ({ page, context }) => {
  const { stytch_session, stytch_session_jwt } = await stytchCookies('ada@example.com', {
    claims: { exp: seconds() - 1 },
  })
  await context.addCookies(
    Object.entries({ stytch_session, stytch_session_jwt }).map(([name, value]) => ({
      name,
      value: value as string,
      url: urls.app,
    })),
  )
  await stytch.setFaults([{ method: 'POST', path: authenticate, drop: true }])
  expect((await page.goto('/dashboard'))?.status()).toBe(503)
  await expect(page.getByText('You have not been signed out.')).toBeVisible()
  await stytch.clearFaults()
  await expect(signedInAt(page)).toContainText('Stytch')
  await expect(page).toHaveURL('/dashboard')
})

test('ten requests with one expired JWT ask Stytch once, and the browser gets the new one', async () => {
  const cookies = await stytchCookies('ada@example.com', { claims: { exp: seconds() - 1 } })
  await stytch.forgetRequests()
  // Late enough for all of them to be there.
  await stytch.setFaults([{ method: 'POST', path: authenticate, delayMs: 300 }])
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      ask(index % 2 ? '/api/me' : '/dashboard', { cookies }),
    ),
  )
  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200))
  expect(await count(stytch, 'POST', authenticate)).toBe(1)
  const jwts = new Set<string>()
  for (const answer of answers) {
    expect(answer.headers.get('x-auth-lane')).toBe('stytch')
    expect(answer.headers.get('cache-control')).toContain('no-store')
    expect(answer.sessionCookies).toHaveLength(2)
    for (const line of answer.sessionCookies) {
      expect(line).toMatch(/; Path=\//)
      expect(line).toMatch(/; HttpOnly/)
      expect(line).toMatch(/; SameSite=lax/i)
      expect(line).toMatch(/; Expires=/)
      expect(line).not.toMatch(/; Domain=/)
    }
    // The page that was rendered had the new session too: it did not ask again, and shows the person.
    expect(answer.text).toContain('ada@example.com')
    jwts.add(answer.sessionCookies.find((line) => line.startsWith('stytch_session_jwt')) ?? '')
  }
  expect(jwts.size).toBe(1)

  const fresh = [...jwts][0]?.split(/[=;]/)[1] as string
  expect(fresh).not.toBe(cookies.stytch_session_jwt)
  const next = await ask('/dashboard', { cookies: { ...cookies, stytch_session_jwt: fresh } })
  expect(next.status).toBe(200)
  expect(next.headers.getSetCookie().join()).not.toContain('session')
  expect(await count(stytch, 'POST', authenticate)).toBe(1)
})

test.describe('the database is down', () => {
  test('people whom the app knows are served on both lanes, and nothing is migrated twice', async ({
    page,
    context,
  }) => {
    await putPolicy('zero-downtime')
    await haveLegacySession(context, 'ada@example.com')
    const legacy = await legacyCookies('ada@example.com')
    const bearer = await auth0.token('ada@example.com')
    const carried = await stytchCookies('dorothy@globex.example')
    for (const cookies of [legacy, carried]) {
      for (const path of ['/api/me', '/dashboard']) {
        expect((await ask(path, { cookies })).status).toBe(200)
      }
    }
    await Promise.all([stytch.forgetRequests(), auth0.forgetRequests()])

    await database.setUp(false)
    try {
      for (const [cookies, lane] of [
        [legacy, 'legacy'],
        [carried, 'stytch'],
      ] as const) {
        const api = await ask('/api/me', { cookies })
        expect(api.status).toBe(200)
        expect(api.json().session.lane).toBe(lane)
        const shown = await ask('/dashboard', { cookies })
        expect(shown.status).toBe(200)
        expect(shown.text).toContain('Notes are out of reach')
      }
      const door = await ask('/api/sessions/migrate', { method: 'POST', bearer })
      expect(door.status).toBe(503)
      expect(door.json().error.code).toBe('database_unavailable')
      expect(door.headers.get('retry-after')).toBe('30')
      await page.goto('/dashboard')
      await expect(stayed(page, 'database_unavailable')).toBeVisible()
      await expect(signedInAt(page)).toContainText('Auth0')
      expect(await providerCalls()).toBe(0)
      expect((await ask('/api/policy', { bearer: 'demo-control-token' })).status).toBe(503)
    } finally {
      await database.setUp(true)
    }

    await page.reload()
    await expect(carriedOver(page)).toBeVisible()
    await page.reload()
    await expect(signedInAt(page)).toContainText('Stytch')
    expect(await migrated()).toBe(1)
    expect(await stytchSessionsOf('ada@example.com')).toBe(1)
  })

  test('somebody whom the app has not seen is still signed in, and hears that it is not them', async () => {
    const cookies = await stytchCookies(`new-${crypto.randomUUID()}@example.com`)
    await database.setUp(false)
    try {
      const api = await ask('/api/me', { cookies })
      expect(api.status).toBe(503)
      expect(api.json().error.code).toBe('account_unavailable')
      const page = await ask('/dashboard', { cookies })
      expect(page.status).toBe(200)
      expect(page.text).toContain('Your account is out of reach')
      for (const answer of [api, page])
        expect(answer.headers.getSetCookie().join()).not.toContain('session')
    } finally {
      await database.setUp(true)
    }
    expect((await ask('/api/me', { cookies })).status).toBe(200)
  })

  test('in the middle of a migration: the session that nobody will hold is ended, and one is made later', async () => {
    await putPolicy('zero-downtime')
    const bearer = await auth0.token('ada@example.com')
    expect((await ask('/api/me', { bearer })).status).toBe(200)
    await stytch.setFaults([atMigrate({ delayMs: 1_500, times: 1 })])
    await auth0.forgetRequests()
    const door = (headers = {}) => ask('/api/sessions/migrate', { method: 'POST', bearer, headers })
    const pending = door()
    try {
      // The claim is taken and the person proved; Stytch is about to answer.
      await expect.poll(() => count(auth0, 'GET', '/userinfo')).toBe(1)
      await database.setUp(false)
      expect((await pending).status).toBe(503)
    } finally {
      await database.setUp(true)
    }
    expect(await count(stytch, 'POST', '/v1/sessions/revoke')).toBe(1)
    expect(await stytchSessionsOf('ada@example.com')).toBe(0)
    expect((await ask('/api/me', { bearer })).json().session.lane).toBe('legacy')

    expect((await door(clock(later))).status).toBe(200)
    expect((await door(clock(later))).status).toBe(200)
    expect(await stytchSessionsOf('ada@example.com')).toBe(1)
  })
})

test.describe('an expired legacy access token', () => {
  const refreshes = () => count(auth0, 'POST', '/oauth/token')
  const expired = async (over: Parameters<typeof legacyCookies>[1] = {}) => ({
    accessToken: await auth0.token('ada@example.com', { expiresInSeconds: -10 }),
    expiresAt: seconds() - 10,
    ...over,
  })
  const visit = async (context: BrowserContext, page: Page, over?: object) => {
    await putPolicy('zero-downtime')
    await haveLegacySession(context, 'ada@example.com', await expired(over))
    await Promise.all([stytch.forgetRequests(), auth0.forgetRequests()])
    await page.goto('/dashboard')
  }

  test('with a live refresh token is refreshed once, and the session carried over', async ({
    page,
    context,
  }) => {
    const dormant = async () =>
      (await context.cookies()).filter(({ name }) => name.startsWith('__session'))
    await visit(context, page)
    await expect(carriedOver(page)).toBeVisible()
    expect(await refreshes()).toBe(1)
    expect(await migrated()).toBe(1)
    expect((await me(context)).body.session.lane).toBe('stytch')
    // The rotated refresh token was kept: the dormant legacy session is as good as before.
    await context.clearCookies({ name: /^stytch_session/ })
    expect((await me(context)).body.session.lane).toBe('legacy')
    expect(await dormant()).not.toEqual([])
    const cookies = Object.fromEntries((await dormant()).map(({ name, value }) => [name, value]))
    const again = await act('migrateSession', '/dashboard', { cookies })
    expect(again.result).toMatchObject({ result: 'migrated' })
    expect(await refreshes()).toBe(1)
    expect(await stytchSessionsOf('ada@example.com')).toBe(1)
  })

  for (const [name, refreshToken, reason] of [
    ['without a refresh token', null, 'refresh_token_missing'],
    ['with a revoked refresh token', 'revoked-long-ago', 'refresh_token_refused'],
  ] as const) {
    test(`${name} leaves the person on legacy, and the event says why`, async ({
      page,
      context,
    }) => {
      await visit(context, page, { refreshToken })
      await expect(stayed(page, reason)).toBeVisible()
      expect((await me(context)).body.session.lane).toBe('legacy')
      expect((await events()).map((event) => [event.result, event.reason, event.lane])).toEqual([
        ['refused', reason, 'legacy'],
      ])
      expect(await refreshes()).toBe(refreshToken ? 1 : 0)
      expect(await count(stytch, 'POST', migrate)).toBe(0)
      // It does not ask again with every page.
      await page.reload()
      await expect(stayed(page, reason)).toBeVisible()
      expect(await refreshes()).toBe(refreshToken ? 1 : 0)
    })
  }

  for (const [name, fault, reason] of [
    ['is down', { drop: true }, 'legacy_unavailable'],
    ['answers 500', { status: 500 }, 'legacy_unavailable'],
    ['answers 429', { status: 429 }, 'legacy_unavailable'],
    ['is slow past the deadline', { status: 503, delayMs: 6_000 }, 'legacy_unavailable'],
    ['answers with a page', { status: 200, body: html }, 'legacy_unavailable'],
  ] as [string, Omit<Fault, 'path'>, string][]) {
    test(`cannot be refreshed while the token endpoint ${name}, and is later`, async ({
      page,
      context,
    }) => {
      await auth0.setFaults([{ method: 'POST', path: '/oauth/token', ...fault }])
      await visit(context, page)
      await expect(stayed(page, reason)).toBeVisible()
      expect((await me(context)).body.session.lane).toBe('legacy')
      expect((await events()).map((event) => [event.result, event.reason])).toEqual([
        ['failed', reason],
      ])
      await auth0.clearFaults()
      await context.setExtraHTTPHeaders(clock(later))
      await page.reload()
      await expect(carriedOver(page)).toBeVisible()
    })
  }

  test('in ten requests at once is refreshed once and carried over once', async () => {
    await putPolicy('zero-downtime')
    const cookies = await legacyCookies('ada@example.com', await expired())
    await Promise.all([stytch.forgetRequests(), auth0.forgetRequests()])
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => act('migrateSession', '/dashboard', { cookies })),
    )
    expect(answers.map(({ result }) => result)).toEqual(
      Array(10).fill({ result: 'migrated', reason: 'carried_over' }),
    )
    expect(await refreshes()).toBe(1)
    expect(await count(stytch, 'POST', migrate)).toBe(1)
    expect(await stytchSessionsOf('ada@example.com')).toBe(1)
    expect((await events()).map((event) => event.result)).toEqual(['migrated'])
  })

  test('is refused at the API: a client refreshes it itself', async () => {
    await putPolicy('zero-downtime')
    const bearer = await auth0.token('ada@example.com', { expiresInSeconds: -10 })
    await Promise.all([stytch.forgetRequests(), auth0.forgetRequests()])
    const door = await ask('/api/sessions/migrate', { method: 'POST', bearer })
    expect(door.status).toBe(401)
    expect(door.json().error.code).toBe('token_expired')
    expect(await providerCalls()).toBe(0)
  })
})

test('with both providers down, everybody who is signed in stays so', async () => {
  await putPolicy('zero-downtime')
  const legacy = await legacyCookies('ada@example.com')
  const carried = await stytchCookies('ada@example.com')
  for (const cookies of [legacy, carried]) await ask('/dashboard', { cookies })
  for (const each of [stytch, auth0]) await each.setFaults([{ path: '*', drop: true }])
  for (const [cookies, lane] of [
    [legacy, 'legacy'],
    [carried, 'stytch'],
  ] as const) {
    expect((await ask('/api/me', { cookies })).json().session?.lane).toBe(lane)
    expect((await ask('/dashboard', { cookies })).status).toBe(200)
  }
})
