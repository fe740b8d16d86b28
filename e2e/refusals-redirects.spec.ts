import { request } from 'node:http'
import { safeReturnTo } from '../lib/request/return-to.ts'
import { createBrowser } from '../sandbox/auth0/browser.ts'
import { appEnvironment, auth0Tenant, demoPassword, ports, urls } from '../sandbox/settings.ts'
import { auth0, putPolicy } from './stand-ins.ts'
import { ask, expect, legacyCookies, signInAtAuth0, stytchCookies, test } from './test.ts'

/** Ways off this site, and ways into the legacy login that nobody opened. */

const shapes = [
  'https://evil.example',
  'https://evil.example/dashboard',
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '\t//evil.example',
  ' //evil.example',
  '/.//evil.example',
  '/..//evil.example',
  '/dashboard/..//evil.example',
  '/%2e//evil.example',
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'data:text/html,evil',
  'http:evil.example',
  'http:///evil.example',
  'https:\\evil.example',
  '@evil.example',
  '.evil.example',
  'evil.example',
  `${urls.app}.evil.example/`,
  `${urls.app}@evil.example/`,
  '/dashboard\r\nSet-Cookie: stytch_session=evil',
  '/dаshboard',
  '/auth/login',
  '/auth/callback?code=1',
  '/login?returnTo=/login',
  '/LOGIN',
  '/api/me',
  '',
]

const query = (returnTo: string) => new URLSearchParams({ returnTo }).toString()

test('refuses every returnTo that leads away: on the legacy login page', async () => {
  for (const shape of shapes) {
    const { text, status } = await ask(`/login?${query(shape)}`)
    expect(status).toBe(200)
    const links = [...text.matchAll(/href="(\/auth\/login\?[^"]*)"/g)].map(([, href]) => href)
    expect(links.length).toBeGreaterThanOrEqual(1)
    for (const href of links) {
      const url = new URL((href as string).replaceAll('&amp;', '&'), urls.app)
      expect(url.searchParams.get('returnTo'), shape).toBe('/dashboard')
    }
  }
})

test('refuses every returnTo that leads away: on the Stytch login page and for who is signed in', async () => {
  await putPolicy('all-at-once')
  const cookies = await stytchCookies('ada@example.com')
  for (const shape of shapes) {
    const anonymous = await ask(`/login?with=password&${query(shape)}`)
    const fields = [...anonymous.text.matchAll(/name="returnTo"[^>]*value="([^"]*)"/g)]
    expect(fields.length).toBeGreaterThanOrEqual(1)
    for (const [, value] of fields) expect(value, shape).toBe('/dashboard')

    const signedIn = await ask(`/login?${query(shape)}`, { cookies })
    const next = /<a href="([^"]*)"[^>]*>Continue</.exec(signedIn.text)?.[1]
    expect(next, shape).toBe('/dashboard')
  }
  // Two of them: the first counts, and the second does not come through behind it.
  const two = await ask(`/login?with=password&returnTo=/control&returnTo=//evil.example`)
  expect(two.text).not.toContain('value="//evil.example"')
})

test('refuses every returnTo that leads away: at the end of a real legacy login', async ({
  page,
  context,
}) => {
  await signInAtAuth0(page, 'ada@example.com')
  for (const shape of shapes) {
    await context.clearCookies({ name: /^__session/ })
    // Auth0 still knows the browser, so this goes there and back without a question.
    await page.goto(`/auth/login?${query(shape)}`)
    expect(page.url(), shape).toBe(`${urls.app}/dashboard`)
  }
  await context.clearCookies({ name: /^__session/ })
  await page.goto(`/auth/login?${query('/login/../dashboard?tab=1#here')}`)
  expect(page.url()).toBe(`${urls.app}/dashboard?tab=1#here`)
})

/** The request line exactly as written: `fetch` would tidy the path up. */
function rawGet(path: string): Promise<{ status: number; location: string | null; body: string }> {
  return new Promise((resolve, reject) => {
    request({ host: 'localhost', port: ports.app, path, method: 'GET' }, (response) => {
      let body = ''
      response.on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          location: response.headers.location ?? null,
          body,
        }),
      )
    })
      .on('error', reject)
      .end()
  })
}

test('refuses to send anybody away from the login redirect, whatever the path', async () => {
  for (const path of [
    '//evil.example/dashboard',
    '//evil.example/%2e%2e',
    '/\\evil.example',
    '/%5Cevil.example',
    '/%2f%2fevil.example',
    '/.//evil.example',
    '/%09/evil.example',
    '/dashboard%0d%0aSet-Cookie:%20a=b',
    '/dashboard?returnTo=//evil.example',
    '/@evil.example',
    '/dashboard;//evil.example',
  ]) {
    let next: string | null = path
    for (let hops = 0; next !== null && hops < 4; hops += 1) {
      const { location, body } = await rawGet(next)
      expect(body, path).not.toContain('Your dashboard')
      if (location === null) break
      const url = new URL(location, urls.app)
      expect(url.origin, `${path} leads to ${location}`).toBe(urls.app)
      if (url.pathname === '/login') {
        expect(safeReturnTo(url.searchParams.get('returnTo'))).toMatch(/^\/(?!\/)/)
        break
      }
      next = location.startsWith('/') ? location : url.pathname + url.search
    }
  }
})

test('refuses to pass anything foreign on to the legacy provider', async () => {
  const foreign = new URLSearchParams({
    returnTo: '/dashboard',
    audience: 'https://api.evil.example/',
    connection: 'evil',
    organization: 'org_evil',
    invitation: 'evil',
    scope: 'openid read:everything',
    prompt: 'none',
    max_age: '0',
    login_hint: 'mallory@example.com',
    redirect_uri: 'https://evil.example',
    client_id: 'evil',
    response_type: 'token',
    response_mode: 'fragment',
    state: 'evil',
    nonce: 'evil',
    code_challenge: 'evil',
    code_challenge_method: 'plain',
    screen_hint: 'evil',
    ui_locales: 'xx',
    acr_values: 'evil',
    request: 'evil',
    request_uri: 'https://evil.example',
  })
  const answer = await ask(`/auth/login?${foreign}`)
  expect(answer.status).toBe(307)
  const authorize = new URL(answer.headers.get('location') as string)
  expect(authorize.origin).toBe(urls.auth0)
  expect(authorize.pathname).toBe('/authorize')
  expect(authorize.href).not.toContain('evil')
  expect([...authorize.searchParams.keys()].sort()).toEqual([
    'audience',
    'client_id',
    'code_challenge',
    'code_challenge_method',
    'nonce',
    'redirect_uri',
    'response_type',
    'scope',
    'state',
  ])
  expect(Object.fromEntries(authorize.searchParams)).toMatchObject({
    audience: appEnvironment.AUTH0_AUDIENCE,
    client_id: auth0Tenant.web.clientId,
    code_challenge_method: 'S256',
    redirect_uri: `${urls.app}/auth/callback`,
    response_type: 'code',
    scope: 'openid profile email offline_access',
  })

  const signUp = await ask('/auth/login?screen_hint=signup')
  expect(new URL(signUp.headers.get('location') as string).searchParams.get('screen_hint')).toBe(
    'signup',
  )
})

test('refuses a callback that nobody in this browser asked for (login CSRF)', async ({
  page,
  context,
}) => {
  // The attacker signs in up to the last step, and sends the victim the link.
  const attacker = createBrowser()
  const form = await attacker.open(`${urls.app}/auth/login`)
  const fields = { email: 'grace@example.com', password: demoPassword }
  const { url: callback } = await attacker.submit(form, fields, `${urls.app}/auth/callback`)
  expect(callback).toContain('code=')

  for (const link of [callback, `${urls.app}/auth/callback?code=x&state=y`, '/auth/callback']) {
    await page.goto(link)
    expect(new URL(page.url()).pathname).toBe('/login')
    await expect(page.getByText('Signing in did not work')).toBeVisible()
    const names = (await context.cookies()).map(({ name }) => name)
    expect(names.filter((name) => name.startsWith('__session'))).toEqual([])
  }
  const error = await ask('/auth/callback?error=<script>&error_description=evil&state=y')
  expect(error.headers.get('location')).not.toContain('script')
})

test("refuses all routes of the legacy SDK but the login's two", async () => {
  const cookies = await legacyCookies('ada@example.com')
  const before = await ask('/api/me', { cookies })
  expect(before.status).toBe(200)
  await auth0.forgetRequests()
  for (const [method, path] of [
    ['GET', '/auth/logout'],
    ['GET', '/auth/logout?returnTo=https://evil.example'],
    ['GET', '/auth/access-token'],
    ['GET', '/auth/profile'],
    ['GET', '/auth/connect?connection=evil'],
    ['POST', '/auth/backchannel-logout'],
    ['POST', '/auth/federated-domain'],
    ['POST', '/auth/passwordless/start'],
    ['POST', '/auth/passwordless/verify'],
    ['POST', '/auth/passkey/register'],
    ['GET', '/auth/mfa/authenticators'],
    ['POST', '/auth/mfa/challenge'],
    ['POST', '/auth/login'],
    ['POST', '/auth/callback?code=1&state=2'],
    ['GET', '/me/v1/authentication-methods'],
    ['GET', '/my-org/details'],
    ['GET', '/auth'],
    ['GET', '/auth/'],
    ['GET', '/auth/login/'],
    ['GET', '/AUTH/LOGIN'],
  ] as const) {
    const answer = await ask(path, { method, cookies })
    expect([308, 404, 405], `${method} ${path}: ${answer.status}`).toContain(answer.status)
    expect(answer.headers.get('location') ?? '').not.toContain('evil')
    expect(answer.headers.getSetCookie().join()).not.toContain('session')
  }
  expect(await auth0.requests()).toEqual([])
  expect((await ask('/api/me', { cookies })).json().user).toEqual(before.json().user)
})
