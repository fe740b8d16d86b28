import { newFlag, openFlag } from '../../steps/flag-cookie.ts'
import { asLegacy, asStytch, flowOf, shown } from '../../steps/flow.ts'
import { ask } from '../../steps/request.ts'
import { roll, rolling } from '../../steps/rolling-policy.ts'
import { stytchCookies } from '../../steps/stytch-session.ts'
import { auth0 } from '../../world/auth0.ts'
import { untilInForce } from '../../world/policy.ts'
import { expect, test } from '../../world/test.ts'

/** The ranges include this machine, because the app must ignore the connection's address that Next reports. */
const placeRules = {
  percent: 0,
  countries: ['NZ'],
  ipRanges: ['203.0.113.0/24', '2001:db8::/32', '127.0.0.0/8', '::1/128'],
}
const inRange = '203.0.113.9'

test.describe('without a declared proxy', () => {
  test.use({ policy: rolling(placeRules) })

  const attacks: [string, Record<string, string>][] = [
    ['no header at all', {}],
    ['X-Forwarded-For', { 'x-forwarded-for': inRange }],
    [
      'X-Forwarded-For with several hops',
      { 'x-forwarded-for': `${inRange}, ${inRange}, 10.0.0.1` },
    ],
    ['X-Forwarded-For, IPv6', { 'x-forwarded-for': '2001:db8::1' }],
    ['X-Forwarded-For, IPv4-mapped', { 'x-forwarded-for': `::ffff:${inRange}` }],
    ['X-Forwarded-For with this machine', { 'x-forwarded-for': '127.0.0.1' }],
    ['X-Real-IP', { 'x-real-ip': inRange }],
    ['Forwarded', { forwarded: `for=${inRange}` }],
    ['headers of clouds', { 'cf-connecting-ip': inRange, 'true-client-ip': inRange }],
    ['the header of the other app', { 'x-geo-country': 'NZ' }],
    ['country headers of clouds', { 'cf-ipcountry': 'NZ', 'x-vercel-ip-country': 'NZ' }],
    ['internal headers', { 'x-cutover-ip': inRange, 'x-cutover-country': 'NZ' }],
  ]
  for (const [name, headers] of attacks) {
    test(`refuses a place that the client claims: ${name}`, async () => {
      expect(await flowOf({ headers })).toEqual(asLegacy('percent'))
      expect(shown(await ask('/login', { headers }))).toBe('legacy')
      const bearer = await auth0.token('ada@example.com')
      const door = await ask('/api/sessions/migrate', { method: 'POST', bearer, headers })
      expect(door.status).toBe(409)
    })
  }
})

test.describe('behind a declared proxy', () => {
  // One worker runs all these tests, so that they share one further app.
  test.describe.configure({ mode: 'default' })
  test.use({ policy: rolling(placeRules) })

  let base: string
  test.beforeEach(async ({ proxiedApp }) => {
    base = proxiedApp.url
    await untilInForce(await roll(placeRules), base)
  })

  const from = (headers: Record<string, string>) => flowOf({ base, headers })

  test('accepts the place that the proxy reports', async () => {
    // The proxy adds an address to each request.
    for (const [name, headers, flow] of [
      ['an address in a range', { 'x-forwarded-for': inRange }, asStytch('ip_range')],
      ['one outside', { 'x-forwarded-for': '198.51.100.7' }, asLegacy('percent')],
      ['IPv6', { 'x-forwarded-for': '2001:db8::1' }, asStytch('ip_range')],
      ['IPv6 outside', { 'x-forwarded-for': '2001:db9::1' }, asLegacy('percent')],
      ['IPv4-mapped', { 'x-forwarded-for': `::ffff:${inRange}` }, asStytch('ip_range')],
      ['with its port', { 'x-forwarded-for': `${inRange}:4123` }, asStytch('ip_range')],
      ['IPv6 with its port', { 'x-forwarded-for': '[2001:db8::1]:4123' }, asStytch('ip_range')],
      [
        'IPv4-mapped in hexadecimal',
        { 'x-forwarded-for': '::ffff:cb00:7109' },
        asStytch('ip_range'),
      ],
      [
        'what a proxy added to an empty header',
        { 'x-forwarded-for': `, ${inRange}` },
        asStytch('ip_range'),
      ],
      ['a country', { 'x-geo-country': 'NZ' }, asStytch('country')],
      ['a country in small letters', { 'x-geo-country': 'nz' }, asStytch('country')],
      ['another country', { 'x-geo-country': 'DE' }, asLegacy('percent')],
      [
        'the address before the country',
        { 'x-forwarded-for': inRange, 'x-geo-country': 'NZ' },
        asStytch('ip_range'),
      ],
    ] as [string, Record<string, string>, object][])
      expect(await from({ 'x-forwarded-for': '198.51.100.7', ...headers }), name).toEqual(flow)
  })

  for (const [name, headers] of [
    ['a hop in front of the proxy’s', { 'x-forwarded-for': `${inRange}, 198.51.100.7` }],
    ['many hops in front', { 'x-forwarded-for': `${Array(50).fill(inRange)}, 198.51.100.7` }],
    ['an IPv6 hop in front', { 'x-forwarded-for': '2001:db8::1, 198.51.100.7' }],
    ['an IPv4-mapped hop in front', { 'x-forwarded-for': `::ffff:${inRange},198.51.100.7` }],
    ['a range', { 'x-forwarded-for': '203.0.113.0/24' }],
    ['two addresses without a comma', { 'x-forwarded-for': `198.51.100.7 ${inRange}` }],
    ['no address', { 'x-forwarded-for': 'unknown' }],
    ['nothing at the end', { 'x-forwarded-for': `${inRange}, ` }],
    ['another header for the address', { 'x-real-ip': inRange, 'cf-connecting-ip': inRange }],
    ['another header for the country', { 'cf-ipcountry': 'NZ', 'x-vercel-ip-country': 'NZ' }],
    ['a country beside that of the proxy', { 'x-geo-country': 'NZ, DE' }],
  ] as [string, Record<string, string>][]) {
    test(`refuses a place that the client claims in front of the proxy: ${name}`, async () => {
      expect(await from({ 'x-forwarded-for': '198.51.100.7', ...headers })).toEqual(
        asLegacy('percent'),
      )
    })
  }

  test('a place chooses the login and the carry-over, and is not a credential', async () => {
    const there = { 'x-forwarded-for': inRange }
    const login = await ask('/login', { base, headers: there })
    expect(shown(login)).toBe('stytch')
    expect(await openFlag(newFlag(login) as string)).toMatchObject({ flow: 'stytch' })
    const elsewhere = { 'x-forwarded-for': '198.51.100.7' }
    expect(shown(await ask('/login', { base, headers: elsewhere }))).toBe('legacy')

    const bearer = await auth0.token('ada@example.com')
    const migrate = (headers: Record<string, string>) =>
      ask('/api/sessions/migrate', { base, method: 'POST', bearer, headers })
    expect((await migrate(elsewhere)).status).toBe(409)
    expect((await migrate(there)).status).toBe(200)
    expect((await ask('/api/me', { base, headers: there })).status).toBe(401)
    // A session stays valid in another place.
    const cookies = await stytchCookies('ada@example.com')
    const abroad = await ask('/dashboard', { base, cookies, headers: elsewhere })
    expect(abroad.headers.get('x-auth-lane')).toBe('stytch')
  })
})
