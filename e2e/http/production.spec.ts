import { migrateCalls } from '../steps/calls.ts'
import { atOffset, epochSeconds } from '../steps/clock.ts'
import { asStytch, shown } from '../steps/flow.ts'
import { forgedHeaders } from '../steps/forged-headers.ts'
import { legacyCookies } from '../steps/legacy-session.ts'
import { everybody, policyPath } from '../steps/policy-api.ts'
import { type Asked, ask, cookiesOf } from '../steps/request.ts'
import { rolling } from '../steps/rolling-policy.ts'
import { act } from '../steps/server-action.ts'
import { stytchCookies } from '../steps/stytch-session.ts'
import type { RunningApp } from '../world/app.ts'
import { auth0 } from '../world/auth0.ts'
import { database } from '../world/database.ts'
import { untilInForce } from '../world/policy.ts'
import { expect, test } from '../world/test.ts'

/**
 * An app without the sandbox, as users run it. The middleware passes most of its requests on as they are, while it
 * gives a trace to every request in the sandbox. The stand-ins take the place of both providers.
 */

const ada = 'ada@example.com'
const grace = 'grace@example.com'
const controlToken = 'c'.repeat(32)

// One worker runs them all, so that only one further app is started.
test.describe.configure({ mode: 'default' })

let app: RunningApp
test.beforeAll(async ({ world }) => {
  app = await world.startApp({ SANDBOX: 'false', CONTROL_TOKEN: controlToken })
})
test.afterAll(() => app.stop())

/** The policy of the test, which the world's own app put in force, must be in force here too. */
test.beforeEach(async () => {
  const [row] = await database.query<{ version: number }>(
    'select max(version) as version from policies',
  )
  await untilInForce(row?.version ?? 1, app.url)
})

const get = (path: string, asked: Asked = {}) => ask(path, { base: app.url, ...asked })
const pathOf = (answer: { headers: Headers }): string => {
  const { pathname, search } = new URL(answer.headers.get('location') ?? '', app.url)
  return pathname + search
}
const loginAt = (parameters: Record<string, string>) => `/login?${new URLSearchParams(parameters)}`
/** Whether a page starts a migration once it is shown. */
const isMigrationDue = ({ text }: { text: string }): boolean =>
  text.replaceAll('\\', '').includes('"isDue":true')

const both: [lane: 'legacy' | 'stytch', cookies: () => Promise<Record<string, string>>][] = [
  ['legacy', () => legacyCookies(ada)],
  ['stytch', () => stytchCookies(ada)],
]

test.describe('before the migration', () => {
  for (const [lane, cookiesFor] of both) {
    test(`serves a session on the ${lane} lane: page, API, prefetch and action`, async () => {
      const cookies = await cookiesFor()
      const page = await get('/dashboard', { cookies })
      expect(page.status).toBe(200)
      expect(page.text).toContain(ada)
      expect(isMigrationDue(page)).toBe(false)
      const me = await get('/api/me', { cookies })
      expect(me.json()).toMatchObject({ user: { email: ada }, session: { lane } })
      const prefetch = await get('/dashboard', { cookies, headers: { 'sec-purpose': 'prefetch' } })
      expect(prefetch.status).toBe(200)
      expect(prefetch.sessionCookies).toEqual([])
      const action = await act('signOut', '/dashboard', { base: app.url, cookies })
      // The router of the browser follows this header. Only a legacy session ends at Auth0 too.
      const next = action.headers.get('x-action-redirect')
      expect(next).toMatch(lane === 'legacy' ? /\/v2\/logout\?/ : /^\/(;|$)/)
      expect(action.headers.getSetCookie().join()).toMatch(/stytch_session=;/)
    })
  }

  test('refuses what has no session, each kind in its own way', async () => {
    const page = await get('/dashboard?tab=1')
    expect(page.status).toBe(307)
    expect(pathOf(page)).toBe(loginAt({ returnTo: '/dashboard?tab=1' }))
    const api = await get('/api/me')
    expect(api.status).toBe(401)
    expect(api.headers.get('www-authenticate')).toMatch(/^Bearer /)
    expect(api.json()).toMatchObject({ error: { code: 'no_session' }, flow: { name: 'legacy' } })
    const prefetch = await get('/dashboard', { headers: { 'sec-purpose': 'prefetch' } })
    expect(prefetch.status).toBe(204)
    expect((await get('/control')).status).toBe(307)
  })

  test('leads back to where the user was: the address of a page, and of the page that an action was posted from', async () => {
    const cookies = await legacyCookies(grace)
    await act('signOut', '/dashboard', { base: app.url, cookies })
    // The cookies are good, so the middleware lets them through. Node knows that the session has ended.
    for (const path of ['/dashboard?tab=1&list=a&list=b', '/dashboard']) {
      const page = await get(path, { cookies })
      expect(page.status, path).toBe(307)
      expect(pathOf(page)).toBe(loginAt({ returnTo: path, reason: 'session_ended' }))
      const action = await act('addNote', path, { base: app.url, cookies })
      expect(action.headers.get('x-action-redirect'), path).toContain(
        loginAt({ returnTo: path, reason: 'session_ended' }),
      )
    }
    for (const page of ['', '/history', '/mirror', '/policy', '/switch-off']) {
      const path = `/control${page}?a=1`
      const returnTo = pathOf(await get(path, { cookies }))
      expect(returnTo).toBe(loginAt({ returnTo: path, reason: 'session_ended' }))
    }
  })
})

test.describe('zero-downtime', () => {
  test.use({ policy: 'zero-downtime' })

  test('migrates a legacy session from the page that is shown, and from no prefetch', async () => {
    const cookies = await legacyCookies(ada)
    const prefetch = { 'sec-purpose': 'prefetch;prerender' }
    expect(isMigrationDue(await get('/dashboard', { cookies, headers: prefetch }))).toBe(false)
    const page = await get('/dashboard', { cookies })
    expect(isMigrationDue(page)).toBe(true)
    expect(await migrateCalls()).toBe(0)
    const migrated = await act('migrateSession', '/dashboard', { base: app.url, cookies })
    expect(migrated.result).toMatchObject({ result: 'migrated' })
    expect(await migrateCalls()).toBe(1)
    const after = await get('/api/me', { cookies: { ...cookies, ...cookiesOf(migrated) } })
    expect(after.json()).toMatchObject({ user: { email: ada }, session: { lane: 'stytch' } })
  })
})

test.describe('headers that a client forged', () => {
  for (const [name, value] of Object.entries(forgedHeaders)) {
    test(`refuses to let ${name} change anything`, async () => {
      const headers = { [name]: value }
      expect(pathOf(await get('/dashboard', { headers }))).toBe(loginAt({ returnTo: '/dashboard' }))
      expect((await get('/api/me', { headers })).status).toBe(401)
      const cookies = await legacyCookies(ada)
      const own = await get('/dashboard', { cookies, headers })
      expect(own.status).toBe(200)
      expect(own.text).not.toContain('FORGED')
      expect(isMigrationDue(own)).toBe(false)
      expect(own.sessionCookies).toEqual([])
      expect(await migrateCalls()).toBe(0)
      const action = await act('addNote', '/dashboard?tab=1', { base: app.url, headers })
      expect(action.headers.get('x-action-redirect') ?? '').not.toContain('FORGED')
    })
  }

  test('refuses to hide a session from the figures behind a forged prefetch', async () => {
    await database.query('delete from sightings')
    const trace = encodeURIComponent(JSON.stringify({ kind: 'prefetch' }))
    const cookies = await stytchCookies(grace)
    await get('/dashboard', { cookies, headers: { 'x-cutover-trace': trace } })
    const seen = () => database.query('select lane from sightings')
    await expect.poll(seen).toEqual([{ lane: 'stytch' }])
    // A prefetch is told from a page by the trace, which the middleware adds for this.
    const prefetched = await stytchCookies(ada)
    await get('/dashboard', { cookies: prefetched, headers: { 'sec-purpose': 'prefetch' } })
    await get('/dashboard', { cookies: await stytchCookies('barbara@acme.example') })
    await expect.poll(seen).toEqual([{ lane: 'stytch' }, { lane: 'stytch' }])
  })
})

test.describe('what only the sandbox has', () => {
  test('refuses to let a client choose the time', async () => {
    const token = await auth0.token(ada, { expiresInSeconds: -60 })
    expect((await get('/api/me', { bearer: token })).json().error.code).toBe('token_expired')
    const earlier = await get('/api/me', { bearer: token, headers: atOffset(-3_600) })
    expect(earlier.json().error.code).toBe('token_expired')
    const cookies = await stytchCookies(ada, { claims: { exp: epochSeconds() + 300 } })
    const later = await get('/api/me', { cookies, headers: atOffset(86_400 * 365) })
    expect(later.json()).toMatchObject({ session: { lane: 'stytch' } })
  })

  test('says nothing about the verdict in response headers, but to an operator', async () => {
    const cookies = await legacyCookies(grace)
    for (const path of ['/', '/login', '/dashboard', '/api/me']) {
      for (const answer of [await get(path), await get(path, { cookies })]) {
        expect([...answer.headers.keys()].filter((name) => name.startsWith('x-auth-'))).toEqual([])
      }
    }
    const operator = await get('/api/me', { cookies: await legacyCookies(ada) })
    expect(operator.headers.get('x-auth-lane')).toBe('legacy')
  })

  test('shows no source, no inspector, no inbox and no demo user', async () => {
    expect((await get('/source/app/login/page.tsx')).status).toBe(404)
    const cookies = await legacyCookies(grace)
    for (const path of ['/', '/login', '/dashboard', '/source/app/login/page.tsx']) {
      const { text } = await get(path, { cookies })
      for (const shown of ['Request inspector', 'demo-password', 'href="/source', 'Inbox']) {
        expect(text, path).not.toContain(shown)
      }
    }
  })

  test('refuses the tokens of the demo, which everybody knows', async () => {
    const body = JSON.stringify(everybody)
    const headers = { 'content-type': 'application/json' }
    for (const bearer of ['demo-control-token', 'demo-metrics-token', 'demo-cron-secret', '']) {
      for (const [method, path, status] of [
        ['GET', policyPath, 401],
        ['PUT', policyPath, 401],
        ['GET', '/api/metrics', 401],
        // Its secret is too short outside the sandbox, so the route is closed.
        ['GET', '/api/cron/mirror', 404],
      ] as const) {
        const asked = method === 'PUT' ? { method, bearer, body, headers } : { method, bearer }
        expect((await get(path, asked)).status, `${method} ${path}`).toBe(status)
      }
    }
  })
})

test('changes the policy by the token of the operators, at the edge and in Node', async () => {
  expect(shown(await get('/login'))).toBe('legacy')
  const changed = await get(policyPath, {
    method: 'PUT',
    bearer: controlToken,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(rolling({ percent: 100 })),
  })
  expect(changed.status).toBe(200)
  await untilInForce(changed.json().version, app.url)
  expect(shown(await get('/login'))).toBe('stytch')
  expect((await get('/api/me')).json()).toMatchObject({ flow: asStytch('percent') })
})
