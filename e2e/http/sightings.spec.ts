import { createHash } from 'node:crypto'
import { decodeJwt } from 'jose'
import { atOffset } from '../steps/clock.ts'
import { legacyCookies } from '../steps/legacy-session.ts'
import { ask } from '../steps/request.ts'
import { act } from '../steps/server-action.ts'
import { stytchCookies } from '../steps/stytch-session.ts'
import { auth0 } from '../world/auth0.ts'
import { database } from '../world/database.ts'
import { expect, test } from '../world/test.ts'

/** The app stores a sighting of each session. Sightings on the legacy lane show when you can switch legacy off. */

/** The sightings that the app stored for a Stytch session. */
const sightingsOf = ({ stytch_session_jwt: jwt = '' }: Record<string, string>) => {
  const { id } = decodeJwt(jwt)['https://stytch.com/session'] as { id: string }
  const key = createHash('sha256').update(`stytch\n${id}`).digest('base64url')
  return database.query<{ lane: string; first_seen: Date; last_seen: Date }>(
    'select * from sightings where session_key = $1',
    [key],
  )
}

for (const [where, request] of [
  ['on a page', (cookies) => ask('/dashboard', { cookies })],
  ['on a public page', (cookies) => ask('/', { cookies })],
  ['by a route handler', (cookies) => ask('/api/me', { cookies })],
  ['by a server action', (cookies) => act('signOut', '/dashboard', { cookies })],
] as [string, (cookies: Record<string, string>) => Promise<{ status: number }>][]) {
  test(`the app sees a session ${where}`, async () => {
    const cookies = await stytchCookies('grace@example.com')
    expect(await sightingsOf(cookies)).toEqual([])
    expect((await request(cookies)).status).toBeLessThan(400)
    await expect.poll(() => sightingsOf(cookies)).toMatchObject([{ lane: 'stytch' }])
  })
}

test('a sighting holds no token, and no data of the user', async () => {
  const cookies = await legacyCookies('grace@example.com')
  const stytchOnes = await stytchCookies('ada@example.com')
  await ask('/api/me', { cookies })
  await ask('/api/me', { cookies: stytchOnes })
  await expect.poll(() => sightingsOf(stytchOnes)).toHaveLength(1)
  const rows = JSON.stringify(await database.query('select * from sightings'))
  const bearer = await auth0.token('grace@example.com')
  for (const secret of [...Object.values({ ...cookies, ...stytchOnes }), bearer]) {
    expect(rows).not.toContain(secret)
  }
  expect(rows).not.toMatch(/example\.com|auth0\||user-test|session-test|acct_/)
})

test('a prefetch is not a sighting of a Stytch session, because its user may be absent', async () => {
  const byRouter = await stytchCookies('grace@example.com')
  const router = { cookies: byRouter, headers: { rsc: '1', 'next-router-prefetch': '1' } }
  // Next redirects a request for data to an address with a cache key.
  const location = (await ask('/dashboard', router)).headers.get('location') ?? ''
  expect(location).toContain('_rsc=')
  expect((await ask(location, router)).status).toBe(200)
  const byBrowser = await stytchCookies('grace@example.com')
  const browser = { cookies: byBrowser, headers: { 'sec-purpose': 'prefetch' } }
  expect((await ask('/dashboard', browser)).status).toBe(200)
  const forged = await stytchCookies('grace@example.com')
  const trace = encodeURIComponent(JSON.stringify({ kind: 'prefetch' }))
  await ask('/dashboard', { cookies: forged, headers: { 'x-cutover-trace': trace } })
  await expect.poll(() => sightingsOf(forged)).toHaveLength(1)
  for (const prefetched of [byRouter, byBrowser]) {
    expect(await sightingsOf(prefetched)).toEqual([])
  }
})

test('a prefetch is a sighting of a legacy session, because the session is still live', async () => {
  const cookies = await legacyCookies('grace@example.com')
  await database.query("delete from sightings where lane = 'legacy'")
  await ask('/dashboard', { cookies, headers: { purpose: 'prefetch' } })
  await expect
    .poll(() => database.query("select lane from sightings where lane = 'legacy'"))
    .toEqual([{ lane: 'legacy' }])
})

test('the app sees a session again a minute later', async () => {
  const cookies = await stytchCookies('grace@example.com')
  const see = (offset: number) => ask('/api/me', { cookies, headers: atOffset(offset) })
  await see(0)
  await expect.poll(() => sightingsOf(cookies)).toHaveLength(1)
  const [first] = await sightingsOf(cookies)
  await see(120)
  await expect
    .poll(async () => Number((await sightingsOf(cookies))[0]?.last_seen))
    .toBeGreaterThan(Number(first?.last_seen) + 100_000)
  expect(await sightingsOf(cookies)).toMatchObject([{ first_seen: first?.first_seen }])
})

test('the app serves a session at once when the database is down', async () => {
  const cookies = await stytchCookies('ada@example.com')
  expect((await ask('/api/me', { cookies })).status).toBe(200)
  await database.setUp(false)
  const later = atOffset(60)
  expect((await ask('/api/me', { cookies, headers: later })).status).toBe(200)
  await database.setUp(true)
  expect((await ask('/api/me', { cookies })).status).toBe(200)
})
