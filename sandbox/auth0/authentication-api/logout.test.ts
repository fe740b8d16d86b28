import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { auth0Tenant } from '../../settings.ts'
import { appBaseUrl, authorization, callback, logIn, startForTests } from '../fixture.ts'

const standIn = await startForTests()
beforeEach(() => standIn.control('POST', 'reset'))
afterAll(standIn.close)

describe('logout', () => {
  it.each([
    [
      '/v2/logout',
      `/v2/logout?client_id=${auth0Tenant.web.clientId}&returnTo=${encodeURIComponent(appBaseUrl)}`,
      appBaseUrl,
    ],
    [
      '/oidc/logout',
      `/oidc/logout?client_id=${auth0Tenant.web.clientId}&state=s&post_logout_redirect_uri=${encodeURIComponent(`${appBaseUrl}/login`)}`,
      `${appBaseUrl}/login?state=s`,
    ],
    [
      '/v2/logout for teams',
      `/v2/logout?client_id=${auth0Tenant.team.clientId}&returnTo=${encodeURIComponent(`${appBaseUrl}/team`)}`,
      `${appBaseUrl}/team`,
    ],
  ])('at %s ends the browser session and returns to the app', async (_, path, target) => {
    const { browser } = await logIn(standIn, 'ada@example.com')
    const again = await browser.open(authorization(standIn).url, callback)
    expect(again.url).toContain('code=')
    const page = await browser.open(`${standIn.url}${path}`, appBaseUrl)
    expect(page.url.replace(/\/$/, '')).toBe(target)
    const after = await browser.open(authorization(standIn).url, callback)
    expect(after.html).toContain('<form')
  })

  it('does not end refresh tokens', async () => {
    const { browser, code, verifier } = await logIn(standIn, 'ada@example.com')
    const { body } = await standIn.exchange(code, verifier)
    await browser.open(`${standIn.url}/v2/logout`)
    expect((await standIn.refresh(body.refresh_token)).status).toBe(200)
  })

  it.each([
    '/v2/logout?returnTo=https://evil.test/',
    `/v2/logout?returnTo=${encodeURIComponent(`${appBaseUrl}.evil.test/`)}`,
    `/v2/logout?returnTo=${encodeURIComponent(`${appBaseUrl}/other`)}`,
    `/oidc/logout?client_id=${auth0Tenant.web.clientId}&post_logout_redirect_uri=https://evil.test/`,
    `/v2/logout?client_id=nobody&returnTo=${encodeURIComponent(appBaseUrl)}`,
  ])('refuses to redirect to an unknown address: %s', async (path) => {
    const response = await fetch(`${standIn.url}${path}`, { redirect: 'manual' })
    expect(response.status).toBe(400)
    expect(response.headers.get('location')).toBeNull()
  })
})
