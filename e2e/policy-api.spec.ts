import { generateSessionCookie } from '@auth0/nextjs-auth0/testing'
import type { APIResponse, BrowserContext, Page } from '@playwright/test'
import { appEnvironment, auth0Tenant, stytchProject, urls } from '../sandbox/settings.ts'
import {
  auth0,
  count,
  database,
  policyVersions,
  putPolicy,
  stytch,
  untilInForce,
} from './stand-ins.ts'
import { expect, haveLegacySession, me, test } from './test.ts'

const operator = { authorization: `Bearer ${appEnvironment.CONTROL_TOKEN}` }
/** What a browser says of a request that a page of ours makes. */
const ourPage = { origin: urls.app, 'sec-fetch-site': 'same-origin' }
const everybody = { cohort: 'everybody', carrySessions: true, note: 'for all' }
const rolling = {
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

const getPolicy = (headers: Record<string, string> = {}) =>
  fetch(`${urls.app}/api/policy`, { headers })
const putJson = (body: unknown, headers: Record<string, string> = operator) =>
  fetch(`${urls.app}/api/policy`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
const inForce = async () =>
  (await (await getPolicy(operator)).json()) as { version: number; cohort: unknown }

/** Nobody may read a policy, a person or a refusal from a cache. */
const expectPrivate = (response: Response | APIResponse) => {
  const headers =
    typeof response.headers === 'function' ? new Headers(response.headers()) : response.headers
  expect(headers.get('cache-control')).toMatch(/no-store/)
}

test.describe('GET /api/policy', () => {
  test('gives the policy in force and its version as ETag', async () => {
    const version = await putPolicy(everybody)
    const response = await getPolicy(operator)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toContain('application/json')
    expect(response.headers.get('etag')).toBe(`"${version}"`)
    expectPrivate(response)
    expect(await response.json()).toEqual({ ...everybody, version })
  })

  test('without credentials: 401 and which scheme', async () => {
    const response = await getPolicy()
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer /)
    expectPrivate(response)
    expect(await response.json()).toEqual({
      error: { code: 'not_signed_in', message: expect.stringContaining('CONTROL_TOKEN') },
    })
  })

  for (const [name, token] of [
    ['a wrong token', 'demo-control-tokem'],
    ['a part of the token', 'demo-control-toke'],
    ['more than the token', 'demo-control-token-'],
    ['an empty one', ''],
  ] as const) {
    test(`with ${name}: 401`, async () => {
      expect((await getPolicy({ authorization: `Bearer ${token}` })).status).toBe(401)
      expect((await putJson(everybody, { authorization: `Bearer ${token}` })).status).toBe(401)
    })
  }

  test('the scheme is read in any case, and Basic is none', async () => {
    const token = appEnvironment.CONTROL_TOKEN as string
    expect((await getPolicy({ authorization: `bearer ${token}` })).status).toBe(200)
    expect((await getPolicy({ authorization: `Basic ${btoa(`:${token}`)}` })).status).toBe(401)
    expect((await getPolicy({ authorization: token })).status).toBe(401)
  })

  test('a signed-in operator reads it by cookie, on both lanes; others get 403', async ({
    browser,
  }) => {
    for (const [email, status] of [
      ['ada@example.com', 200],
      ['grace@example.com', 403],
    ] as const) {
      const context = await browser.newContext({ baseURL: urls.app })
      await haveLegacySession(context, email)
      const response = await context.request.get('/api/policy')
      expect(response.status()).toBe(status)
      expectPrivate(response)
      if (status === 403)
        expect(await response.json()).toEqual({
          error: { code: 'not_an_operator', message: expect.stringContaining('OPERATOR_EMAILS') },
        })
      await context.close()

      const { session_jwt: jwt } = await stytch.session(email)
      expect((await getPolicy({ authorization: `Bearer ${jwt}` })).status).toBe(status)
    }
  })
})

test.describe('PUT /api/policy', () => {
  test('takes a whole policy and answers it with its new version', async () => {
    const before = (await inForce()).version
    const response = await putJson(rolling)
    expect(response.status).toBe(200)
    expect(response.headers.get('etag')).toBe(`"${before + 1}"`)
    expectPrivate(response)
    expect(await response.json()).toEqual({ ...rolling, version: before + 1 })
    expect(await inForce()).toEqual({ ...rolling, version: before + 1 })
    expect(
      await database.query("select reason, subject from events where kind = 'policy'"),
    ).toContainEqual({ reason: 'rolling', subject: 'control-token' })
  })

  test('fills in what may be left out', async () => {
    const response = await putJson({ cohort: { percent: 5 }, carrySessions: true })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({
      cohort: { percent: 5, organizations: [], countries: [], ipRanges: [], minAppVersion: null },
      note: '',
    })
  })

  test('never writes over a version: history stays', async () => {
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
    ['more than a hundred percent', { ...rolling, cohort: { percent: 101 } }, ['cohort.percent']],
    ['less than nothing', { ...rolling, cohort: { percent: -1 } }, ['cohort.percent']],
    ['a misspelt field', { ...everybody, carrySession: true }, ['carrySession']],
    ['a misspelt rule', { ...rolling, cohort: { precent: 5 } }, ['cohort.precent']],
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
    test(`${name}: 400 that names every invalid field, and nothing is changed`, async () => {
      const before = await inForce()
      const response = await putJson(body)
      expect(response.status).toBe(400)
      const { error } = (await response.json()) as {
        error: { code: string; message: string; fields: Record<string, string> }
      }
      expect(error.code).toBe('policy_invalid')
      expect(Object.keys(error.fields).sort()).toEqual(fields)
      for (const text of Object.values(error.fields)) expect(text.length).toBeGreaterThan(5)
      expect(await inForce()).toEqual(before)
    })
  }

  test('If-Match with the version in force: 200', async () => {
    const version = await putPolicy(everybody)
    const response = await putJson(rolling, { ...operator, 'if-match': `"${version}"` })
    expect(response.status).toBe(200)
    expect(((await response.json()) as { version: number }).version).toBe(version + 1)
  })

  test('If-Match with an older version: 409, which one it is now, and nothing is changed', async () => {
    const old = await putPolicy('before-the-migration')
    const version = await putPolicy(everybody)
    const response = await putJson(rolling, { ...operator, 'if-match': `"${old}"` })
    expect(response.status).toBe(409)
    expectPrivate(response)
    expect(await response.json()).toEqual({
      error: {
        code: 'policy_conflict',
        message: expect.stringContaining(`version ${version}`),
        version,
      },
    })
    expect(await inForce()).toEqual({ ...everybody, version })
  })

  test('of ten at once with the same If-Match, one wins', async () => {
    const version = await putPolicy('before-the-migration')
    const responses = await Promise.all(
      Array.from({ length: 10 }, () =>
        putJson(everybody, { ...operator, 'if-match': `"${version}"` }),
      ),
    )
    const statuses = responses.map(({ status }) => status).sort()
    expect(statuses).toEqual([200, ...Array(9).fill(409)])
    expect((await inForce()).version).toBe(version + 1)
  })

  test('If-Match that is no version: 400', async () => {
    const { version } = await inForce()
    for (const value of ['"abc"', '-1', '"1", "2"', '""']) {
      const response = await putJson(everybody, { ...operator, 'if-match': value })
      expect(response.status).toBe(400)
      expect(await response.json()).toMatchObject({ error: { code: 'if_match_invalid' } })
    }
    expect((await inForce()).version).toBe(version)
    expect((await putJson(everybody, { ...operator, 'if-match': '*' })).status).toBe(200)
  })

  test('an operator may by cookie, from a page of this site only', async ({ context }) => {
    await haveLegacySession(context, 'ada@example.com')
    const { version } = await inForce()
    const put = (headers: Record<string, string>) =>
      context.request.put('/api/policy', { data: everybody, headers })
    for (const headers of [
      {},
      { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      { origin: urls.auth0, 'sec-fetch-site': 'same-site' },
      { origin: 'null' },
      { origin: urls.app, 'sec-fetch-site': 'same-site' },
      { origin: urls.app, 'sec-fetch-site': 'none' },
    ]) {
      const response = await put(headers as Record<string, string>)
      expect(response.status()).toBe(403)
      expect(await response.json()).toMatchObject({ error: { code: 'cross_origin' } })
    }
    expect((await inForce()).version).toBe(version)

    const response = await put(ourPage)
    expect(response.status()).toBe(200)
    expect(await response.json()).toEqual({ ...everybody, version: version + 1 })
    const [row] = await database.query<{ author: string }>(
      'select author from policies where version = $1',
      [version + 1],
    )
    expect(row?.author).toBe('ada@example.com')
  })

  test('nobody else may: 401 and 403', async ({ context }) => {
    const { version } = await inForce()
    expect((await putJson(everybody, {})).status).toBe(403)
    expect((await putJson(everybody, ourPage)).status).toBe(401)
    await haveLegacySession(context, 'grace@example.com')
    const response = await context.request.put('/api/policy', { data: everybody, headers: ourPage })
    expect(response.status()).toBe(403)
    expect(await response.json()).toMatchObject({ error: { code: 'not_an_operator' } })
    expect((await inForce()).version).toBe(version)
  })

  test('other methods: 405', async () => {
    for (const method of ['POST', 'PATCH', 'DELETE'])
      expect(
        (await fetch(`${urls.app}/api/policy`, { method, headers: operator })).status,
        method,
      ).toBe(405)
  })

  test('a change is in force everywhere within five seconds', async () => {
    await putPolicy('before-the-migration')
    // The worst case: both runtimes have looked a moment ago.
    await policyVersions()
    const response = await putJson(everybody)
    const { version } = (await response.json()) as { version: number }
    const started = performance.now()
    await expect.poll(policyVersions, { intervals: [50] }).toEqual([version, version])
    const milliseconds = performance.now() - started
    test.info().annotations.push({ type: 'ms', description: milliseconds.toFixed(0) })
    expect(milliseconds).toBeLessThan(5_000)
    // From then on, and not now and then.
    for (let i = 0; i < 20; i++) expect(await policyVersions()).toEqual([version, version])
  })
})

test.describe('GET /api/me', () => {
  const exactly = (body: object, keys: string[]) => expect(Object.keys(body).sort()).toEqual(keys)

  test('200 on the legacy lane', async ({ context }) => {
    await haveLegacySession(context, 'ada@example.com')
    const policyVersion = await putPolicy('before-the-migration')
    const response = await context.request.get('/api/me')
    expect(response.status()).toBe(200)
    expectPrivate(response)
    const body = await response.json()
    exactly(body, ['flow', 'policyVersion', 'session', 'user'])
    expect(body).toEqual({
      user: {
        id: expect.stringMatching(/^acct_[0-9a-f-]{36}$/),
        email: 'ada@example.com',
        name: 'Ada Lovelace',
      },
      session: {
        lane: 'legacy',
        issuer: auth0Tenant.issuer,
        expiresAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      },
      flow: { name: 'legacy', reason: 'nobody' },
      policyVersion,
    })
    expect(Date.parse(body.session.expiresAt)).toBeGreaterThan(Date.now())
    expect(response.headers()).toMatchObject({
      'x-auth-lane': 'legacy',
      'x-auth-reason': 'legacy_session',
    })
  })

  test('200 on the Stytch lane, as Bearer too', async ({ context }) => {
    const policyVersion = await putPolicy('zero-downtime')
    const tokens = await stytch.session('ada@example.com')
    await context.addCookies([
      { name: 'stytch_session', value: tokens.session_token, url: urls.app },
      { name: 'stytch_session_jwt', value: tokens.session_jwt, url: urls.app },
    ])
    const byCookie = await context.request.get('/api/me')
    const byBearer = await fetch(`${urls.app}/api/me`, {
      headers: { authorization: `Bearer ${tokens.session_jwt}` },
    })
    expect([byCookie.status(), byBearer.status]).toEqual([200, 200])
    const body = await byCookie.json()
    expect(body).toMatchObject({
      user: { email: 'ada@example.com' },
      session: { lane: 'stytch', issuer: `stytch.com/${stytchProject.projectId}` },
      flow: { name: 'stytch', reason: 'everybody' },
      policyVersion,
    })
    expect(await byBearer.json()).toEqual(body)
    expect(byCookie.headers()).toMatchObject({
      'x-auth-lane': 'stytch',
      'x-auth-reason': 'stytch_session',
    })
  })

  test('200 for a mobile client with an access token of Auth0', async () => {
    const response = await fetch(`${urls.app}/api/me`, {
      headers: { authorization: `Bearer ${await auth0.token('grace@example.com')}` },
    })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({
      user: { email: 'grace@example.com' },
      session: { lane: 'legacy' },
    })
  })

  test('401 without a session', async () => {
    const policyVersion = await putPolicy('zero-downtime')
    const response = await fetch(`${urls.app}/api/me`, { redirect: 'manual' })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="cutover"')
    expect(response.headers.get('content-type')).toContain('application/json')
    expectPrivate(response)
    expect(await response.json()).toEqual({
      error: { code: 'no_session', message: 'Sign in first.' },
      flow: { name: 'stytch', reason: 'everybody' },
      policyVersion,
    })
    expect(response.headers.get('x-auth-lane')).toBe('anonymous')
    expect(response.headers.get('x-auth-reason')).toBe('no_session')
  })

  test('401 with a token that is no good says why', async () => {
    const response = await fetch(`${urls.app}/api/me`, {
      headers: {
        authorization: `Bearer ${await auth0.token('ada@example.com', { expiresInSeconds: -60 })}`,
      },
    })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe(
      'Bearer realm="cutover", error="invalid_token", error_description="token_expired"',
    )
    const body = (await response.json()) as { error: { code: string } }
    exactly(body, ['error', 'flow', 'policyVersion'])
    expect(body.error.code).toBe('token_expired')
    expect(response.headers.get('x-auth-reason')).toBe('token_expired')
  })

  test('401 under all-at-once tells a legacy session that sign-in has changed', async ({
    context,
  }) => {
    await haveLegacySession(context, 'ada@example.com')
    await putPolicy('all-at-once')
    const { status, body } = await me(context)
    expect(status).toBe(401)
    expect(body.error.code).toBe('legacy_session_not_accepted')
  })
})

test.describe('x-auth-lane and x-auth-reason on pages', () => {
  const headersOf = async (context: BrowserContext, path: string) =>
    (await context.request.get(path, { maxRedirects: 0 })).headers()

  test('tell what was decided', async ({ context }) => {
    expect(await headersOf(context, '/dashboard')).toMatchObject({
      'x-auth-lane': 'anonymous',
      'x-auth-reason': 'no_session',
      location: expect.stringMatching(/\/login\?returnTo=%2Fdashboard$/),
    })
    expect(await headersOf(context, '/')).toMatchObject({ 'x-auth-lane': 'anonymous' })
    await haveLegacySession(context, 'ada@example.com')
    expect(await headersOf(context, '/dashboard')).toMatchObject({
      'x-auth-lane': 'legacy',
      'x-auth-reason': 'legacy_session',
    })
    await putPolicy('zero-downtime')
    expect(await headersOf(context, '/dashboard')).toMatchObject({
      'x-auth-lane': 'legacy',
      'x-auth-reason': 'legacy_session_carried_over',
    })
    await putPolicy('all-at-once')
    expect(await headersOf(context, '/dashboard')).toMatchObject({
      'x-auth-lane': 'anonymous',
      'x-auth-reason': 'legacy_session_not_accepted',
      location: expect.stringContaining('reason=legacy_session_not_accepted'),
    })
  })
})

test.describe('GET /api/health', () => {
  test('200 with one line for each dependency', async () => {
    await expect(async () => {
      const response = await fetch(`${urls.app}/api/health`)
      expect(response.status).toBe(200)
      expectPrivate(response)
      const text = await response.text()
      expect(JSON.parse(text)).toEqual({
        ok: true,
        database: 'ok',
        stytch: 'ok',
        legacy: 'ok',
        mirror: 'off',
      })
      expect(text.trim().split('\n')).toHaveLength(7)
    }).toPass()
  })

  test('503 that names what does not answer, and no host of it', async () => {
    await stytch.setFaults([{ path: '/v1/sessions/jwks/*', status: 503 }])
    await database.setUp(false)
    const health = () => fetch(`${urls.app}/api/health`)
    // An answer is remembered for a second.
    await expect.poll(async () => (await health()).status).toBe(503)
    await expect
      .poll(async () => Object.keys((await (await health()).json()) as object))
      .toEqual(['ok', 'database', 'stytch', 'legacy', 'mirror'])
    const text = await (await health()).text()
    expect(JSON.parse(text)).toMatchObject({ ok: false, legacy: 'ok' })
    expect(text).not.toMatch(/localhost|\d{4}/)
  })
})

test.describe('/control', () => {
  const confirm = (page: Page) => page.getByRole('button', { name: 'Put in force' })

  test('leads someone who is not signed in to the login, and back', async ({ context, page }) => {
    const response = await context.request.get('/control', { maxRedirects: 0 })
    expect(response.status()).toBe(307)
    expect(response.headers().location).toMatch(/\/login\?returnTo=%2Fcontrol$/)
    await page.goto('/control')
    await page.getByRole('link', { name: 'Continue to sign in' }).click()
    await page.getByLabel('Email address').fill('ada@example.com')
    await page.getByLabel('Password', { exact: true }).fill('demo-password')
    await page.getByRole('button', { name: 'Continue', exact: true }).click()
    await expect(page).toHaveURL('/control')
    await expect(page.getByRole('heading', { name: 'Control', exact: true })).toBeVisible()
  })

  test('is forbidden to whoever is no operator: 403, and no link leads there', async ({
    context,
    page,
  }) => {
    await haveLegacySession(context, 'grace@example.com')
    const response = await page.goto('/control')
    expect(response?.status()).toBe(403)
    await expect(page.getByRole('heading', { name: 'This page is for operators' })).toBeVisible()
    await expect(page.getByRole('main')).not.toContainText('Policy in force')
    await page.goto('/dashboard')
    await expect(page.getByRole('link', { name: 'Control' })).toHaveCount(0)
  })

  /** Someone else at Auth0 who gave Ada's address and never proved it. */
  async function haveUnverifiedAda(context: BrowserContext): Promise<void> {
    const sub = `auth0|${crypto.randomUUID().replaceAll('-', '').slice(0, 24)}`
    const person = { sub, email: 'ada@example.com', email_verified: false, name: 'Not Ada' }
    const value = await generateSessionCookie(
      {
        user: person,
        tokenSet: {
          accessToken: await auth0.token('alan@example.com', { claims: { sub } }),
          expiresAt: Math.floor(Date.now() / 1_000) + 3_600,
        },
        internal: { sid: crypto.randomUUID(), createdAt: Math.floor(Date.now() / 1_000) },
      },
      { secret: appEnvironment.AUTH0_SECRET as string },
    )
    await context.addCookies([{ name: '__session', value, url: urls.app }])
  }

  test('an operator’s address that was not verified makes no operator', async ({
    context,
    page,
  }) => {
    await haveUnverifiedAda(context)
    const { status, body } = await me(context)
    expect(status).toBe(200)
    expect(body.user.email).toBe('ada@example.com')
    expect((await page.goto('/control'))?.status()).toBe(403)
    const policy = await context.request.get('/api/policy')
    expect(policy.status()).toBe(403)
    const put = await context.request.put('/api/policy', { data: everybody, headers: ourPage })
    expect(put.status()).toBe(403)
  })

  test('the same at Stytch: signing up with an address proves nothing', async ({ context }) => {
    await putPolicy('zero-downtime')
    // A user of the address as it would be without the import: made here, by a password, unverified.
    const users = await stytch.users()
    const imported = users.find(({ email }) => email === 'ada@example.com')?.id as string
    const basic = btoa(`${stytchProject.projectId}:${stytchProject.secret}`)
    const backend = (method: string, path: string, body?: object) =>
      fetch(`${urls.stytch}${path}`, {
        method,
        headers: { authorization: `Basic ${basic}`, 'content-type': 'application/json' },
        ...(body ? { body: JSON.stringify(body) } : {}),
      })
    expect((await backend('DELETE', `/v1/users/${imported}`)).status).toBe(200)
    const created = (await (
      await backend('POST', '/v1/passwords', {
        email: 'ada@example.com',
        password: 'plover basalt orrery quince',
        session_duration_minutes: 60,
      })
    ).json()) as { session_jwt: string; session_token: string; user_id: string }
    expect(created.user_id).not.toBe(imported)
    await context.addCookies([
      { name: 'stytch_session', value: created.session_token, url: urls.app },
      { name: 'stytch_session_jwt', value: created.session_jwt, url: urls.app },
    ])
    const { status, body } = await me(context)
    expect(status).toBe(200)
    expect(body.user.email).toBe('ada@example.com')
    expect((await context.request.get('/api/policy')).status()).toBe(403)
    expect((await context.request.get('/control')).status()).toBe(403)
  })

  test('two operators at once: the second is told and nothing of the first is overwritten', async ({
    browser,
  }) => {
    const [first, second] = await Promise.all(
      ['first', 'second'].map(async () => {
        const context = await browser.newContext({ baseURL: urls.app })
        await haveLegacySession(context, 'ada@example.com')
        const page = await context.newPage()
        await page.goto('/control/policy?start=zero-downtime')
        await expect(confirm(page)).toBeVisible()
        return page
      }),
    )
    if (!first || !second) throw new Error('two pages were opened')
    const before = (await inForce()).version
    await confirm(first).click()
    await expect(first.getByRole('status')).toContainText('is the policy in force')
    await untilInForce(before + 1)
    const other = await putPolicy({ cohort: 'nobody', carrySessions: false, note: 'by the first' })

    await confirm(second).click()
    const alert = second.getByRole('main').getByRole('alert')
    await expect(alert).toContainText(`version ${other} now`)
    expect(await inForce()).toMatchObject({ version: other, note: 'by the first' })
    await second.getByRole('link', { name: 'Cancel' }).click()
    await expect(second.getByRole('main')).toContainText(`Version ${other}`)
    await expect(second.getByRole('main')).toContainText('Note: by the first')
    await Promise.all([first.context().close(), second.context().close()])
  })

  test('the first step changes nothing, and cancelling leads back', async ({ context, page }) => {
    await haveLegacySession(context, 'ada@example.com')
    const { version } = await inForce()
    await page.goto('/control/policy')
    await page.getByRole('link', { name: /^Preview ?: Zero-downtime sessions$/ }).click()
    await expect(confirm(page)).toBeVisible()
    await page.getByRole('link', { name: 'Cancel' }).click()
    await expect(page).toHaveURL('/control')
    expect((await inForce()).version).toBe(version)
  })

  test('with the database down: says that everything stays, and changes nothing', async ({
    context,
    page,
  }) => {
    await haveLegacySession(context, 'ada@example.com')
    await page.goto('/control/policy?start=zero-downtime')
    await database.setUp(false)
    await confirm(page).click()
    await expect(page.getByRole('main').getByRole('alert')).toContainText('Nothing was changed')
    await page.goto('/control')
    await expect(page.getByRole('main')).toContainText('The database does not answer')
    const response = await putJson(everybody)
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ error: { code: 'database_unavailable' } })
    await database.setUp(true)
    await page.reload()
    await expect(page.getByRole('main')).toContainText('Policy in force')
    expect(await count(stytch, 'POST', /./)).toBe(0)
  })
})
