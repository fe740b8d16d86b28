import { migrateCalls } from '../../steps/calls.ts'
import { epochSeconds } from '../../steps/clock.ts'
import { legacyCookies } from '../../steps/legacy-session.ts'
import { ask } from '../../steps/request.ts'
import { stytchCookies } from '../../steps/stytch-session.ts'
import { auth0 } from '../../world/auth0.ts'
import { database } from '../../world/database.ts'
import { count } from '../../world/stand-in.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

/** Prefetches, reads and posts with the wrong credentials. None of them may migrate a session. */

test.use({ policy: 'zero-downtime' })

const authenticate = '/v1/sessions/authenticate'

const rsc = { rsc: '1', 'next-url': '/' }
/** Next redirects a request for data to an address with a cache key. This function follows that redirect. */
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
    // A prefetched page must not start a migration. A client-side navigation shows the page, so it may.
    expect(answer.text.replaceAll('\\', '').includes('"isDue":true')).toBe(
      name.includes('navigation'),
    )
    expect(await stytch.calls()).toEqual([])
  })
}

for (const [name, headers] of guesses.filter(([name]) => name.includes('pre'))) {
  test(`refuses to refresh an expired Stytch session on ${name}`, async () => {
    const cookies = await stytchCookies('ada@example.com', { claims: { exp: epochSeconds() - 1 } })
    await stytch.forgetRequests()
    const answer = await route('/dashboard', { cookies, headers })
    expect(answer.status).toBe(204)
    expect(answer.headers.getSetCookie()).toEqual([])
    expect(await count(stytch, 'POST', authenticate)).toBe(0)
    // A page view refreshes the same session, so the app refused the prefetch as such.
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
  expect(await migrateCalls()).toBe(0)
  const events = await database.query(`select * from events where kind = 'migration' and at > $1`, [
    started,
  ])
  expect(events).toEqual([])
})

test('refuses to migrate through the API with cookies alone', async () => {
  const cookies = await legacyCookies('ada@example.com')
  await stytch.forgetRequests()
  const door = await ask('/api/sessions/migrate', { method: 'POST', cookies })
  expect(door.status).toBe(401)
  expect(door.json().error.code).toBe('token_missing')
  expect(door.headers.get('www-authenticate')).toBe('Bearer realm="cutover"')
  expect(await stytch.calls()).toEqual([])
})

test('refuses a body that names a token, a session or a user', async () => {
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
  expect(await stytch.calls()).toEqual([])
})
