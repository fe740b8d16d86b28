import { sealData } from 'iron-session'
import { appEnvironment, urls } from '../sandbox/settings.ts'
import { auth0, count, database, putPolicy, stytch } from './stand-ins.ts'
import { act, actionId, ask, test as base, expect, legacyCookies, stytchCookies } from './test.ts'

/** Requests that pretend to be what they are not, or that must leave no trace. The policy is zero-downtime. */

// Nothing here changes the world for the next test, so it is made once.
const test = base.extend<{ freshWorld: undefined }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the parameter's destructuring.
  freshWorld: async ({}, use) => use(undefined),
})
test.beforeAll(async () => {
  await Promise.all([stytch.reset(), auth0.reset()])
  await putPolicy('zero-downtime')
})

const migrate = '/v1/sessions/migrate'
const authenticate = '/v1/sessions/authenticate'
const migrations = () => count(stytch, 'POST', migrate)
const seconds = () => Math.floor(Date.now() / 1_000)

test.describe('requests that must not migrate', () => {
  const rsc = { rsc: '1', 'next-url': '/' }
  /** Next leads a request for data on to the address with the key of its cache, as its router writes it. */
  const route = async (path: string, asked: Parameters<typeof ask>[1]) => {
    const first = await ask(path, asked)
    const location = first.headers.get('location')
    if (!location?.includes('_rsc=')) return first
    expect(first.headers.getSetCookie().join()).not.toContain('session')
    return ask(location, asked)
  }
  const guesses: [string, Record<string, string>][] = [
    ["a prefetch of Next's router", { ...rsc, 'next-router-prefetch': '1' }],
    [
      "a segment prefetch of Next's router",
      { ...rsc, 'next-router-prefetch': '1', 'next-router-segment-prefetch': '/_tree' },
    ],
    ['a prefetch of the browser', { 'sec-purpose': 'prefetch' }],
    ['a prerender of the browser', { 'sec-purpose': 'prefetch;prerender' }],
    ['a prefetch of an older browser', { purpose: 'prefetch' }],
    ['a prefetch of Firefox', { 'x-moz': 'prefetch' }],
    ['the data of a client-side navigation', rsc],
  ]

  for (const [name, headers] of guesses) {
    test(`refuses to migrate on ${name}`, async () => {
      const cookies = await legacyCookies('ada@example.com')
      await stytch.forgetRequests()
      const answer = await route('/dashboard', { cookies, headers })
      expect(answer.status).toBe(200)
      expect(answer.headers.get('x-auth-lane')).toBe('legacy')
      expect(answer.headers.getSetCookie().join()).not.toContain('session')
      // What was guessed and is shown later must not begin a migration: the page that is shown does.
      expect(answer.text.replaceAll('\\', '').includes('"isDue":true')).toBe(
        name.includes('navigation'),
      )
      expect(await stytch.requests()).toEqual([])
    })
  }

  for (const [name, headers] of guesses.filter(([name]) => name.includes('pre'))) {
    test(`refuses to refresh an expired Stytch session on ${name}`, async () => {
      const cookies = await stytchCookies('ada@example.com', { claims: { exp: seconds() - 1 } })
      await stytch.forgetRequests()
      const answer = await route('/dashboard', { cookies, headers })
      expect(answer.status).toBe(204)
      expect(answer.headers.getSetCookie()).toEqual([])
      expect(await count(stytch, 'POST', authenticate)).toBe(0)
      // The same session on a page view is refreshed: it was the guess that was refused.
      expect((await ask('/dashboard', { cookies })).status).toBe(200)
      expect(await count(stytch, 'POST', authenticate)).toBe(1)
    })
  }

  test('refuses to migrate on any GET or HEAD', async () => {
    const started = new Date()
    const cookies = await legacyCookies('ada@example.com')
    const bearer = await auth0.token('ada@example.com')
    await stytch.forgetRequests()
    for (const method of ['GET', 'HEAD']) {
      for (const path of ['/', '/dashboard', '/login', '/api/me', '/api/sessions/migrate']) {
        for (const credentials of [{ cookies }, { bearer }, { cookies, bearer }]) {
          const answer = await ask(path, { method, ...credentials })
          expect(answer.sessionCookies).toEqual([])
        }
      }
    }
    const door = await ask('/api/sessions/migrate', { bearer })
    expect(door.status).toBe(405)
    expect(await migrations()).toBe(0)
    const events = await database.query(
      `select * from events where kind = 'migration' and at > $1`,
      [started],
    )
    expect(events).toEqual([])
  })

  test('refuses to migrate through the API with cookies alone', async () => {
    const cookies = await legacyCookies('ada@example.com')
    await stytch.forgetRequests()
    const door = await ask('/api/sessions/migrate', { method: 'POST', cookies })
    expect(door.status).toBe(401)
    expect(door.json().error.code).toBe('token_missing')
    expect(door.headers.get('www-authenticate')).toBe('Bearer realm="cutover"')
    expect(await stytch.requests()).toEqual([])
  })

  test('refuses a body that names a token, a session or a person', async () => {
    const bearer = await auth0.token('ada@example.com')
    await stytch.forgetRequests()
    for (const body of [
      { session_token: await auth0.token('grace@example.com') },
      { email: 'grace@example.com' },
      { session_duration_minutes: 527_040 },
      [],
      'text',
    ]) {
      const door = await ask('/api/sessions/migrate', {
        method: 'POST',
        bearer,
        body: JSON.stringify(body),
      })
      expect(door.status).toBe(400)
      expect(door.json().error.code).toBe('body_invalid')
    }
    expect(await stytch.requests()).toEqual([])
  })
})

test.describe('server actions called from elsewhere', () => {
  for (const origin of [
    'https://evil.example',
    'null',
    'http://localhost:1',
    `${urls.app}.evil.example`,
  ]) {
    test(`refuses the origin ${origin.replace(urls.app, 'app')}`, async () => {
      const cookies = await legacyCookies('ada@example.com')
      await stytch.forgetRequests()
      const foreign = await act('migrateSession', '/dashboard', { cookies, headers: { origin } })
      expect(foreign.status).toBeGreaterThanOrEqual(400)
      expect(foreign.sessionCookies).toEqual([])
      expect(await migrations()).toBe(0)

      // The same request from our own page goes through: it was the origin that was refused.
      const own = await act('migrateSession', '/dashboard', { cookies })
      expect(own.result).toMatchObject({ result: 'migrated' })
      expect(await migrations()).toBe(1)
    })

    test(`refuses a form of the origin ${origin.replace(urls.app, 'app')}, which needs no script`, async () => {
      // As a browser sends a form of the page that has no script yet.
      const form = (from: string, cookies: Record<string, string>) =>
        ask('/', {
          method: 'POST',
          cookies,
          body: [
            '--boundary',
            `content-disposition: form-data; name="$ACTION_ID_${actionId('signOut')}"`,
            '',
            '',
            '--boundary--',
            '',
          ].join('\r\n'),
          headers: { origin: from, 'content-type': 'multipart/form-data; boundary=boundary' },
        })
      const cookies = await stytchCookies('ada@example.com')
      await stytch.forgetRequests()
      const foreign = await form(origin, cookies)
      expect(foreign.status).toBeGreaterThanOrEqual(400)
      expect(foreign.headers.getSetCookie().join()).not.toContain('session')
      expect(await count(stytch, 'POST', '/v1/sessions/revoke')).toBe(0)

      expect((await form(urls.app, cookies)).status).toBe(303)
      expect(await count(stytch, 'POST', '/v1/sessions/revoke')).toBe(1)
    })
  }
})

test.describe('forged headers', () => {
  const trace = encodeURIComponent(
    JSON.stringify({
      kind: 'page',
      credentials: ['FORGED'],
      issuer: 'FORGED',
      lane: 'stytch',
      action: 'serve',
      reason: 'FORGED',
      refusal: null,
      migrate: true,
      refreshed: false,
      flow: 'stytch',
      flowReason: 'FORGED',
      policyVersion: 1,
      microseconds: 1,
    }),
  )
  const forged: Record<string, string> = {
    'x-cutover-trace': trace,
    'X-Cutover-Trace': trace,
    'x-cutover-user': 'acct_1',
    'x-auth-lane': 'stytch',
    'x-auth-reason': 'stytch_session',
    'x-middleware-subrequest':
      'middleware:middleware:middleware:middleware:middleware,src/middleware:src/middleware:src/middleware:src/middleware:src/middleware',
    'x-middleware-subrequest-id': '1',
    'x-middleware-next': '1',
    'x-middleware-skip': '1',
    'x-middleware-rewrite': '/dashboard',
    'x-middleware-invoke': '1',
    'x-middleware-set-cookie': 'stytch_session=x',
    'x-middleware-override-headers': 'x-cutover-trace',
    'x-middleware-request-x-cutover-trace': trace,
    'x-matched-path': '/dashboard',
    'x-invoke-path': '/login',
    'x-invoke-output': '/dashboard',
    'x-invoke-status': '200',
    'x-now-route-matches': '1',
    'x-nextjs-data': '1',
    'x-original-url': '/login',
    'x-rewrite-url': '/login',
    'x-http-method-override': 'POST',
    'next-resume': '1',
  }
  for (const [name, value] of Object.entries(forged)) {
    test(`refuses to let ${name} change anything`, async () => {
      const headers = { [name]: value }

      const page = await ask('/dashboard', { headers })
      expect(page.status).toBe(307)
      expect(new URL(page.headers.get('location') as string, urls.app).pathname).toBe('/login')
      expect(page.text).not.toContain('Your dashboard')
      expect((await ask('/api/me', { headers })).status).toBe(401)

      const cookies = await legacyCookies('ada@example.com')
      await stytch.forgetRequests()
      const own = await ask('/dashboard', { cookies, headers })
      expect(own.status).toBe(200)
      expect(own.headers.get('x-auth-lane')).toBe('legacy')
      expect(own.text).toContain('legacy_session_carried_over')
      expect(own.text).not.toContain('FORGED')
      expect(own.sessionCookies).toEqual([])
      expect(await migrations()).toBe(0)
    })
  }

  test('refuses a client who claims to come from this very host', async () => {
    const headers = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' }
    for (const path of ['/dashboard', '/auth/login']) {
      const answer = await ask(path, { headers })
      expect(answer.headers.get('location')).not.toContain('//evil.example')
      expect(answer.headers.get('location')).not.toContain('%2F%2Fevil.example')
    }
  })
})

test.describe('the flag cookie', () => {
  test.beforeAll(async () => {
    await putPolicy({ cohort: { percent: 0 }, carrySessions: true, note: '' })
  })
  const visitorId = '00000000-0000-4000-8000-000000000001'
  const seal = (value: object, password = appEnvironment.COOKIE_SECRET as string) =>
    sealData(value, { password, ttl: 3_600 })
  const flowWith = async (flag: string) =>
    (await ask('/api/me', { cookies: { auth_flow: flag } })).json().flow

  test('refuses a pin that was not sealed here', async () => {
    const pinned = { visitorId, flow: 'stytch', pin: 'stytch' }
    const genuine = await seal(pinned)
    // It is a genuine one that counts, so the others could have.
    expect(await flowWith(genuine)).toMatchObject({ name: 'stytch' })
    for (const forged of [
      JSON.stringify(pinned),
      Buffer.from(JSON.stringify(pinned)).toString('base64url'),
      await seal(pinned, 'another secret that is long enough to seal'),
      genuine.slice(0, -1),
      genuine.replace(/[a-z]/, (letter) => letter.toUpperCase()),
      await sealData(pinned, { password: appEnvironment.COOKIE_SECRET as string, ttl: 1 }).then(
        (sealed) => sealed.replace(/\*\d+\*/, '*99999999999999*'),
      ),
      'stytch',
      '__proto__',
      'x'.repeat(3_000),
      '',
    ]) {
      expect(await flowWith(forged), forged.slice(0, 40)).toMatchObject({ name: 'legacy' })
    }
  })

  test('refuses a sealed cookie of ours that is no flag', async () => {
    for (const value of [
      { visitorId, flow: 'admin', pin: 'stytch' },
      { visitorId: 'x', flow: 'stytch', pin: 'stytch' },
      { email: 'ada@example.com', returnTo: '/' },
      {},
    ]) {
      expect(await flowWith(await seal(value))).toMatchObject({ name: 'legacy' })
    }
  })

  test('refuses a flow that the policy does not give', async () => {
    const flag = await seal({ visitorId, flow: 'stytch', pin: null })
    expect(await flowWith(flag)).toMatchObject({ name: 'legacy' })
    const login = await ask('/login', { cookies: { auth_flow: flag } })
    expect(login.text).toContain('Continue to sign in')
    // And the browser is told what it is now.
    expect(login.headers.getSetCookie().join()).toContain('auth_flow=')
  })

  test('refuses to take it for a session', async () => {
    const flag = await seal({ visitorId, flow: 'stytch', pin: 'stytch' })
    const cookies = { auth_flow: flag, stytch_session_jwt: flag, __session: flag }
    expect((await ask('/api/me', { cookies })).status).toBe(401)
  })
})
