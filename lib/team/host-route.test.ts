import { NextRequest } from 'next/server'
import { beforeAll, expect, it, vi } from 'vitest'
import { appEnvironment, ports, teamHosts, urls } from '../../sandbox/settings.ts'

let hostRoute: typeof import('./host-route').hostRoute
let linkBaseUrl: typeof import('./hosts').linkBaseUrl
beforeAll(async () => {
  vi.resetModules()
  Object.assign(process.env, appEnvironment, { DATABASE_URL: 'postgres://localhost/x' })
  ;({ hostRoute } = await import('./host-route'))
  ;({ linkBaseUrl } = await import('./hosts'))
})

const [acme = ''] = teamHosts
const own = `http://${acme}`

const ask = (path: string, host: string, method = 'GET', headers = {}) => {
  const response = hostRoute(
    new NextRequest(`${urls.app}${path}`, { method, headers: { ...headers, host } }),
  )
  return response && (response.headers.get('location') ?? response.status)
}

it.each([
  '/team',
  '/team/acme',
  '/team/acme/members',
  '/team/authenticate',
  '/team/auth/callback',
  '/api/team/acme/me',
])('the host of a team has its page %s', (path) => expect(ask(path, acme)).toBeNull())

it.each([
  ['/', `${own}/team/acme`],
  ['/team/login?returnTo=%2Fteam', `${own}/team/acme/login?returnTo=%2Fteam`],
  ['/team/choose', `${own}/team/acme/login`],
])('the host of a team leads from %s to %s', (path, to) => expect(ask(path, acme)).toBe(to))

it.each([
  ['GET', '/team/globex/members?page=2'],
  ['GET', '/dashboard'],
  ['GET', '/auth/callback?code=x'],
  ['GET', '//evil.example/x'],
  ['POST', '/dashboard'],
  ['POST', '/team/globex'],
  ['GET', '/api/team/globex/me'],
  ['GET', '/api/me'],
])('the host of a team answers 404 to %s %s', (method, path) => {
  expect(ask(path, acme, method)).toBe(404)
})

it.each([
  new URL(urls.app).host,
  'evil.example',
  `globex.localhost:${ports.app}`,
  'acme.localhost',
  `acme.localhost:${ports.app}.evil.example`,
  `evil.example/${acme}`,
])('refuses to take the host %s for that of a team', (host) => {
  for (const path of ['/', '/team/globex', '/dashboard']) {
    expect(ask(path, host, 'GET', { 'x-forwarded-host': acme })).toBeNull()
  }
  expect(linkBaseUrl(host)).toBe(urls.app)
})

it('takes a host in another case for the same one', () => {
  expect(ask('/', acme.toUpperCase())).toBe(`${own}/team/acme`)
})
