import { Auth0Client } from '@auth0/nextjs-auth0/server'
import { NextRequest } from 'next/server.js'
import { afterAll, expect, it } from 'vitest'
import { auth0Tenant, demoPassword } from '../settings.ts'
import { createBrowser } from './browser.ts'
import { appBaseUrl, callback, startForTests } from './fixture.ts'

const standIn = await startForTests()
const auth0 = new Auth0Client({
  domain: standIn.url,
  allowInsecureRequests: true,
  clientId: auth0Tenant.web.clientId,
  clientSecret: auth0Tenant.web.clientSecret,
  secret: 'a'.repeat(64),
  appBaseUrl,
  authorizationParameters: {
    audience: auth0Tenant.audience,
    scope: 'openid profile email offline_access',
  },
  includeIdTokenHintInOIDCLogoutUrl: false,
})
afterAll(standIn.close)

it('the SDK of the app logs in, reads the session and logs out', async () => {
  const browser = createBrowser()
  const app = async (url: string) => {
    const headers = { cookie: browser.cookieHeader(new URL(url)) }
    const response = await auth0.middleware(new NextRequest(url, { headers }))
    browser.remember(response)
    return response
  }

  const toLogin = await app(`${appBaseUrl}/auth/login?returnTo=/dashboard`)
  const page = await browser.open(toLogin.headers.get('location') ?? '', callback)
  const fields = { email: 'grace@example.com', password: demoPassword }
  const back = await browser.submit(page, fields, callback)
  const loggedIn = await app(back.url)
  expect(loggedIn.headers.get('location')).toBe(`${appBaseUrl}/dashboard`)

  const headers = { cookie: browser.cookieHeader(new URL(appBaseUrl)) }
  const session = await auth0.getSession(new NextRequest(`${appBaseUrl}/dashboard`, { headers }))
  expect(session?.user).toMatchObject({
    sub: 'auth0|6501a0000000000000000002',
    email: 'grace@example.com',
    email_verified: true,
    name: 'Grace Hopper',
  })
  expect(session?.tokenSet.refreshToken).toEqual(expect.any(String))
  expect((await standIn.userinfo(session?.tokenSet.accessToken ?? '')).status).toBe(200)

  const toLogout = await app(`${appBaseUrl}/auth/logout`)
  const done = await browser.open(toLogout.headers.get('location') ?? '', appBaseUrl)
  expect(new URL(done.url).origin).toBe(appBaseUrl)
  expect(browser.names()).not.toContain('__session')
  expect(browser.names()).not.toContain('auth0')
  expect(browser.names()).not.toContain('auth0.sig')
  expect((await standIn.refresh(session?.tokenSet.refreshToken ?? '')).status).toBe(403)
})
