import { organizations, ports, teamHosts, urls } from '../../../sandbox/settings.ts'
import { memberSessionCookies } from '../../steps/member-session.ts'
import { rawGet } from '../../steps/raw-request.ts'
import { roll } from '../../steps/rolling-policy.ts'
import { teamCookies } from '../../steps/team-session.ts'
import { expect, test } from '../../world/test.ts'

/** The team Acme has a host of its own, and Globex has none. */

const [acme = ''] = teamHosts
const own = `http://${acme}`
const at = (path: string, host = acme, headers: Record<string, string> = {}) =>
  rawGet(path, { headers: { host, ...headers } })
const header = (cookies: Record<string, string>) =>
  Object.entries(cookies)
    .map(([name, value]) => `${name}=${value}`)
    .join('; ')

/** Next answers with a path when a redirect stays on the host that it knows. */
const absolute = (location: string | null, base: string) => new URL(location ?? '', base).href

test('the host of a team shows that team, and its login stays on the host', async () => {
  const home = await at('/')
  expect(home.status).toBe(307)
  expect(absolute(home.location, own)).toBe(`${own}/team/acme`)

  const page = await at('/team/acme')
  expect(absolute(page.location, own)).toBe(`${own}/team/acme/login?returnTo=%2Fteam%2Facme`)
  expect(page.cookies.join('\n')).toContain('auth_flow_team=')
  // A cookie with a domain would reach the hosts of other teams.
  expect(page.cookies.join('\n')).not.toMatch(/;\s*domain=/i)
})

test('the legacy login begins and ends on the host', async () => {
  const start = await at(`/team/auth/login?organization=${organizations.acme.auth0Id}`)
  const location = new URL(start.location ?? '')
  expect(location.origin).toBe(urls.auth0)
  expect(location.searchParams.get('redirect_uri')).toBe(`${own}/team/auth/callback`)
  expect(start.cookies.join('\n')).not.toMatch(/;\s*domain=/i)

  const failed = await at('/team/auth/login?organization=%22')
  expect(absolute(failed.location, own)).toMatch(new RegExp(`^${own}/team\\?problem=`))
})

test('a member of either lane is served on the host', async () => {
  const legacy = await at('/api/team/acme/me', acme, {
    cookie: header(await teamCookies('barbara@acme.example', 'acme')),
  })
  expect(JSON.parse(legacy.body)).toMatchObject({ session: { lane: 'legacy' } })

  await roll({ organizations: ['acme'] })
  const cookies = header(await memberSessionCookies('edsger@acme.example', 'acme'))
  const stytch = await at('/api/team/acme/me', acme, { cookie: cookies })
  expect(JSON.parse(stytch.body)).toMatchObject({ session: { lane: 'stytch' } })
  const page = await at('/team/acme', acme, { cookie: cookies })
  expect(page.status).toBe(200)
  // No link of the navigation leads to a page that this host does not have.
  expect(page.body).not.toContain('href="/dashboard"')
})

test('pages and API of another team and of consumers are unknown here', async () => {
  for (const path of ['/team/globex', '/dashboard', '/login', '/control']) {
    const { status, location, body } = await at(path)
    expect({ status, location }).toEqual({ status: 404, location: null })
    expect(body).toContain('This page does not exist')
  }
  const cookie = header(await memberSessionCookies('frances@acme.example', 'globex'))
  expect((await at('/api/team/globex/me', acme, { cookie })).status).toBe(404)
  expect((await at('/api/me', acme, { cookie })).status).toBe(404)
})

test('a note is added by a page of the host, and by no other origin', async () => {
  await roll({ organizations: ['acme'] })
  const cookie = header(await memberSessionCookies('edsger@acme.example', 'acme'))
  const post = (origin: string) =>
    rawGet('/api/team/acme/notes', {
      method: 'POST',
      headers: { host: acme, cookie, origin, 'content-type': 'application/json' },
      body: JSON.stringify({ text: 'From the host of the team' }),
    })
  expect((await post(own)).status).toBe(201)
  for (const origin of [urls.app, `http://globex.localhost:${ports.app}`, 'http://evil.example']) {
    expect((await post(origin)).status).toBe(403)
  }
})

// The titles name no port, because each worker has its own.
for (const [what, host] of [
  ['host', 'evil.example'],
  ['host of another team', `globex.localhost:${ports.app}`],
  ['host that begins as that of a team', 'acme.localhost.evil.example'],
] as const) {
  test(`refuses to build a URL from a forged ${what}`, async () => {
    const main = new URL(urls.app).host
    for (const headers of [
      { host },
      { host: main, 'x-forwarded-host': host },
      { host: main, forwarded: `host=${host}` },
    ] as Record<string, string>[]) {
      const page = await rawGet('/team/acme', { headers })
      expect(page.location).not.toContain(host)
      const start = await rawGet('/team/auth/login?organization=acme', { headers })
      const redirectUri = new URL(start.location ?? '').searchParams.get('redirect_uri')
      expect(redirectUri).toBe(`${urls.app}/team/auth/callback`)
      // Such a host is no host of a team, so its home page is that of the app.
      expect((await rawGet('/', { headers })).status).toBe(200)
      expect((await rawGet('/team/globex', { headers })).location).toContain('/team/globex/login')
    }
  })
}

test('refuses to let X-Forwarded-Host choose the team', async () => {
  const main = new URL(urls.app).host
  const headers = { host: main, 'x-forwarded-host': acme }
  expect((await rawGet('/', { headers })).status).toBe(200)
  expect((await rawGet('/api/team/globex/me', { headers })).status).toBe(401)
})
