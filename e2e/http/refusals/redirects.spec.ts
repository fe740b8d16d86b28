import { safeReturnTo } from '../../../lib/request/return-to.ts'
import { appEnvironment, auth0Tenant, urls } from '../../../sandbox/settings.ts'
import { foreignShapes, returnToQuery } from '../../steps/foreign-return-to.ts'
import { legacyCookies } from '../../steps/legacy-session.ts'
import { rawGet } from '../../steps/raw-request.ts'
import { ask } from '../../steps/request.ts'
import { stytchCookies } from '../../steps/stytch-session.ts'
import { auth0 } from '../../world/auth0.ts'
import { expect, test } from '../../world/test.ts'

test('refuses every returnTo that leads to another site, on the legacy login page', async () => {
  for (const shape of foreignShapes) {
    const { text, status } = await ask(`/login?${returnToQuery(shape)}`)
    expect(status).toBe(200)
    const links = [...text.matchAll(/href="(\/auth\/login\?[^"]*)"/g)].map(([, href]) => href)
    expect(links.length).toBeGreaterThanOrEqual(1)
    for (const href of links) {
      const url = new URL((href as string).replaceAll('&amp;', '&'), urls.app)
      expect(url.searchParams.get('returnTo'), shape).toBe('/dashboard')
    }
  }
})

test.describe('with the Stytch login', () => {
  test.use({ policy: 'all-at-once' })

  test('refuses every returnTo that leads to another site, on the login page, also when signed in', async () => {
    const cookies = await stytchCookies('ada@example.com')
    for (const shape of foreignShapes) {
      const anonymous = await ask(`/login?with=password&${returnToQuery(shape)}`)
      const fields = [...anonymous.text.matchAll(/name="returnTo"[^>]*value="([^"]*)"/g)]
      expect(fields.length).toBeGreaterThanOrEqual(1)
      for (const [, value] of fields) expect(value, shape).toBe('/dashboard')

      const signedIn = await ask(`/login?${returnToQuery(shape)}`, { cookies })
      const next = /<a href="([^"]*)"[^>]*>Continue</.exec(signedIn.text)?.[1]
      expect(next, shape).toBe('/dashboard')
    }
    // The app uses the first of two values, and ignores the second one.
    const two = await ask(`/login?with=password&returnTo=/control&returnTo=//evil.example`)
    expect(two.text).not.toContain('value="//evil.example"')
  })
})

test('refuses to redirect to another site on the way to the login, whatever the path', async () => {
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

test('refuses to pass foreign parameters on to the legacy provider', async () => {
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

test('refuses all routes of the legacy SDK except the two of the login', async () => {
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
    ['HEAD', '/auth/callback?code=1&state=2'],
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
  expect(await auth0.calls()).toEqual([])
  expect((await ask('/api/me', { cookies })).json().user).toEqual(before.json().user)
})

test('refuses a link that sets a parameter of the request to Auth0', async () => {
  const answer = await ask(
    '/auth/login?audience=https://other/&connection=evil&organization=org_x&scope=all&redirect_uri=https://evil.example/&prompt=none',
  )
  const location = new URL(answer.headers.get('location') as string)
  expect(location.origin).toBe(urls.auth0)
  expect(location.searchParams.get('audience')).toBe(appEnvironment.AUTH0_AUDIENCE)
  expect(location.searchParams.get('redirect_uri')).toBe(`${urls.app}/auth/callback`)
  expect(location.searchParams.get('code_challenge_method')).toBe('S256')
  expect([...location.searchParams.keys()]).not.toEqual(
    expect.arrayContaining(['connection', 'organization', 'prompt']),
  )
})
