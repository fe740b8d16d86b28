import { decodeJwt } from 'jose'
import { NextRequest, NextResponse } from 'next/server'
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createBrowser } from '../../../../sandbox/auth0/browser.ts'
import { managementClient } from '../../../../sandbox/auth0/fixture.ts'
import { startAuth0StandIn } from '../../../../sandbox/auth0/server.ts'
import {
  appEnvironment,
  auth0Tenant,
  demoPassword,
  demoUsers,
  organizations,
  urls,
} from '../../../../sandbox/settings.ts'
import { controlClient } from '../../../../sandbox/stand-in/control-client.ts'

const standIn = await startAuth0StandIn({ port: 0, appBaseUrl: urls.app, log: () => {} })
const control = controlClient(standIn.url)
beforeEach(async () => {
  vi.spyOn(console, 'error').mockReturnValue()
  await control('POST', 'reset')
})
afterAll(standIn.close)

const [acme, globex] = [organizations.acme.auth0Id, organizations.globex.auth0Id]

/** The app with these settings, and a browser in front of it. The settings are parsed once, so each app is loaded anew. */
async function app(settings: Record<string, string> = {}) {
  vi.resetModules()
  Object.assign(process.env, appEnvironment, {
    DATABASE_URL: 'postgres://localhost/x',
    AUTH0_DOMAIN: standIn.url,
    ...settings,
  })
  const { teamLegacyCallback, teamLegacyCallbackPath, teamLegacyRoute } = await import('./routes')
  const { readTeamLegacySession } = await import('./session')
  const { legacyCallback, legacyRoute } = await import('../routes')
  const { legacyCallbackPath } = await import('../../paths')
  const { teamAuth0 } = await import('./auth0')
  const { renewedCookies } = await import('../renewal')
  const { teamLegacyLogoutUrl } = await import('../sign-out')
  const { readLegacySession } = await import('../session')
  const { legacyIssuer } = await import('../issuer')
  const { createRegistry } = await import('../../../token/registry')
  const { readCredentials } = await import('../../../token/credentials')
  const browser = createBrowser()
  const registry = createRegistry([legacyIssuer()])
  const headers = () => new Headers({ cookie: browser.cookieHeader(new URL(urls.app)) })

  /** The answer of the middleware and of the two route handlers. */
  const answerTo = async (request: NextRequest, pathname: string) => {
    const isGet = request.method === 'GET'
    if (isGet && pathname === teamLegacyCallbackPath) return teamLegacyCallback(request)
    if (isGet && pathname === legacyCallbackPath) return legacyCallback(request)
    return (await teamLegacyRoute(request)) ?? (await legacyRoute(request))
  }
  const open = async (path: string, sent: Record<string, string> = {}, method = 'GET') => {
    const url = new URL(path, urls.app)
    const request = new NextRequest(url, {
      method,
      headers: { ...sent, cookie: browser.cookieHeader(url) },
    })
    const response = await answerTo(request, url.pathname)
    if (response) browser.remember(response)
    return response
  }
  const read = async <T>(reader: (...args: Parameters<typeof readLegacySession>) => Promise<T>) => {
    return reader(readCredentials(headers()), registry, new Date())
  }
  return {
    browser,
    open,
    logoutUrl: teamLegacyLogoutUrl,
    renew: () => renewedCookies(urls.app, headers(), teamAuth0),
    async refresh() {
      const request = new NextRequest(urls.app, { headers: headers() })
      const response = NextResponse.next()
      const { token } = await teamAuth0().getAccessToken(request, response, { refresh: true })
      browser.remember(response)
      return token
    },
    team: () => read(readTeamLegacySession),
    person: () => read(readLegacySession),
    /** Starts at the route, signs in where Auth0 asks, and returns the address after the callback. */
    async logIn(path: string, email = 'barbara@acme.example', choice?: string) {
      const start = await open(path)
      let page = await browser.open(start?.headers.get('location') ?? '', urls.app)
      const fields = { email, password: demoPassword }
      if (page.html.includes('name="password"')) page = await browser.submit(page, fields, urls.app)
      if (choice) page = await browser.submit(page, { organization: choice }, urls.app)
      const done = await open(page.url)
      return new URL(done?.headers.get('location') ?? '', urls.app)
    },
  }
}

const isAcme = { state: 'valid', session: { organization: { id: acme, name: 'acme' } } }

describe('the login of a team', () => {
  it.each([acme, 'acme'])('starts a session in the organization %s', async (organization) => {
    const { logIn, team, person } = await app()
    const page = await logIn(`/team/auth/login?organization=${organization}&returnTo=/team/acme`)
    expect(page.href).toBe(`${urls.app}/team/acme`)
    expect(await team()).toMatchObject({
      ...isAcme,
      session: { ...isAcme.session, profile: { email: 'barbara@acme.example' } },
    })
    expect(await person()).toEqual({ state: 'none', refusal: null })
  })

  it('has the organization of the sealed session where access tokens are opaque', async () => {
    const { logIn, team } = await app({ AUTH0_AUDIENCE: 'none' })
    await logIn('/team/auth/login?organization=acme')
    expect(await team()).toMatchObject({
      ...isAcme,
      session: { ...isAcme.session, tokenState: 'opaque' },
    })
  })

  it('lets a member of several choose one, and switches to another without a page', async () => {
    const { logIn, team } = await app()
    await logIn('/team/auth/login', 'frances@acme.example', globex)
    expect(await team()).toMatchObject({ session: { organization: { name: 'globex' } } })
    await logIn('/team/auth/login?organization=acme')
    expect(await team()).toMatchObject(isAcme)
  })

  it('lives beside the session of a person in one browser', async () => {
    const { browser, logIn, person, team } = await app()
    await logIn('/auth/login?returnTo=/dashboard', 'frances@acme.example')
    await logIn('/team/auth/login?organization=acme')
    expect(await person()).toMatchObject({ state: 'valid', session: { organization: null } })
    expect(await team()).toMatchObject(isAcme)
    await logIn('/auth/login?returnTo=/dashboard')
    expect(await team()).toMatchObject(isAcme)
    expect(browser.names().filter((name) => name.includes('txn'))).toEqual([])
  })

  it('keeps its organization when the access token is refreshed', async () => {
    const { logIn, refresh, team } = await app()
    await logIn('/team/auth/login?organization=acme')
    expect(decodeJwt(await refresh())).toMatchObject({
      org_id: acme,
      azp: auth0Tenant.team.clientId,
    })
    expect(await team()).toMatchObject(isAcme)
  })

  it('gets no new access token after the member was removed', async () => {
    const { logIn, refresh } = await app()
    await logIn('/team/auth/login?organization=acme')
    const { organizations } = managementClient(standIn)
    const barbara = demoUsers.find(({ email }) => email === 'barbara@acme.example')?.subject ?? ''
    await organizations.members.delete(acme, { members: [barbara] })
    await expect(refresh()).rejects.toMatchObject({ cause: { code: 'invalid_grant' } })
  })

  it('is renewed in its own cookie, and logs out at its own application', async () => {
    const { logIn, renew, logoutUrl } = await app()
    await logIn('/team/auth/login?organization=acme')
    const [cookie] = await renew()
    expect(cookie?.name).toMatch(/^__team_session/)
    const { searchParams } = new URL(logoutUrl())
    expect(searchParams.get('client_id')).toBe(auth0Tenant.team.clientId)
    expect(searchParams.get('returnTo')).toBe(`${urls.app}/team`)
  })

  it('keeps the pending login of a person', async () => {
    const { browser, open } = await app()
    await open('/auth/login')
    await open('/team/auth/login')
    const pending = browser.names().map((name) => name.replace(/txn_.*/, 'txn'))
    expect(pending).toEqual(['__txn', '__team_txn'])
  })

  it('passes on an invitation', async () => {
    const { open } = await app()
    const response = await open('/team/auth/login?invitation=abc_-1&organization=acme')
    const { searchParams } = new URL(response?.headers.get('location') ?? '')
    expect(searchParams.get('invitation')).toBe('abc_-1')
  })
})

describe('a login that fails', () => {
  const nothing = { state: 'none', refusal: null }

  it('refuses a session without an organization at the callback', async () => {
    // An application that needs no organization.
    const { browser, logIn, team } = await app({
      AUTH0_TEAM_CLIENT_ID: auth0Tenant.web.clientId,
      AUTH0_TEAM_CLIENT_SECRET: auth0Tenant.web.clientSecret,
    })
    const page = await logIn('/team/auth/login?returnTo=/team/acme', 'ada@example.com')
    expect(page.pathname + page.search).toBe(
      '/team?problem=organization_missing&returnTo=%2Fteam%2Facme',
    )
    expect(await team()).toEqual(nothing)
    expect(browser.names().filter((name) => name.startsWith('__team'))).toEqual([])
  })

  it('says that the user is not a member', async () => {
    const { logIn, team } = await app()
    const page = await logIn('/team/auth/login?organization=globex')
    expect(page.searchParams.get('problem')).toBe('organization_denied')
    expect(await team()).toEqual(nothing)
  })

  it('refuses a callback that this browser did not start', async () => {
    const { open } = await app()
    const response = await open('/team/auth/callback?code=stolen&state=unknown')
    const { searchParams } = new URL(response?.headers.get('location') ?? '')
    expect(searchParams.get('problem')).toBe('legacy_sign_in_failed')
  })

  it("refuses the code of a person's login at the callback of the teams", async () => {
    const { browser, open, team } = await app()
    const start = await open('/auth/login')
    const page = await browser.open(start?.headers.get('location') ?? '', urls.app)
    const fields = { email: 'barbara@acme.example', password: demoPassword }
    const back = new URL((await browser.submit(page, fields, urls.app)).url)
    await open(`/team/auth/callback${back.search}`)
    expect(await team()).toEqual(nothing)
  })
})

describe('the routes of the login of a team', () => {
  it('refuse to pass on any other parameter of the link', async () => {
    const { open } = await app()
    const response = await open(
      '/team/auth/login?audience=https://evil.example&scope=admin&connection=evil&prompt=none&login_hint=x&screen_hint=signup&organization=acme&organization_name=evil',
    )
    const { searchParams } = new URL(response?.headers.get('location') ?? '')
    expect([...searchParams.keys()].sort()).toEqual([
      'audience',
      'client_id',
      'code_challenge',
      'code_challenge_method',
      'nonce',
      'organization',
      'redirect_uri',
      'response_type',
      'scope',
      'state',
    ])
    expect(searchParams.get('audience')).toBe(auth0Tenant.audience)
    expect(searchParams.get('redirect_uri')).toBe(`${urls.app}/team/auth/callback`)
  })

  it.each(['', 'Acme Ltd', '../acme', 'acme&connection=evil', 'org_a b', 'a'.repeat(51), 'org_é'])(
    'refuse the organization %j, and do not ask Auth0',
    async (organization) => {
      const { open } = await app()
      const query = new URLSearchParams({ organization, returnTo: 'https://evil.example/' })
      const response = await open(`/team/auth/login?${query}`)
      expect(response?.headers.get('location')).toBe(
        `${urls.app}/team?problem=organization_invalid&returnTo=%2Fteam`,
      )
      expect((await control('GET', 'requests')).body).toEqual([])
    },
  )

  it('refuse an open redirect', async () => {
    const { logIn } = await app()
    const page = await logIn('/team/auth/login?organization=acme&returnTo=//evil.example')
    expect(page.href).toBe(`${urls.app}/team`)
  })

  it('answer a prefetch with nothing', async () => {
    const { browser, open } = await app()
    const response = await open('/team/auth/login', { 'next-router-prefetch': '1' })
    expect(response?.status).toBe(204)
    expect(browser.names()).toEqual([])
  })

  it.each([
    ['GET', '/team/auth/logout'],
    ['GET', '/team/auth/access-token'],
    ['GET', '/team/auth/profile'],
    ['GET', '/team'],
    ['POST', '/team/auth/login'],
    ['POST', '/team/auth/callback'],
  ])('do not answer %s %s', async (method, path) => {
    const { open } = await app()
    expect(await open(path, {}, method)).toBeNull()
  })

  it('do not exist in a product without teams', async () => {
    const { open } = await app({
      AUTH0_TEAM_CLIENT_ID: '',
      AUTH0_TEAM_CLIENT_SECRET: '',
      AUTH0_TEAM_SECRET: '',
    })
    expect(await open('/team/auth/login')).toBeNull()
  })

  it('send the visitor back when Auth0 does not answer', async () => {
    await control('PUT', 'faults', [{ path: '/.well-known/*', status: 503 }])
    const { open } = await app()
    const response = await open('/team/auth/login')
    expect(response?.headers.get('location')).toContain('/team?problem=legacy_sign_in_failed')
  })
})
