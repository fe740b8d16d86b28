import { epochSeconds } from '../../steps/clock.ts'
import { legacyCookies } from '../../steps/legacy-session.ts'
import { ask, cookiesOf } from '../../steps/request.ts'
import { act } from '../../steps/server-action.ts'
import { expect, test } from '../../world/test.ts'

/** A product with a rolling session sealed its cookie for one day. The session itself lasts three. */

const email = 'ada@example.com'
const sealedForADay = () => legacyCookies(email, { sealedUntil: epochSeconds() + 24 * 60 * 60 })

test('a page renews the cookie once, so that nobody is signed out a day after the deployment', async () => {
  const cookies = await sealedForADay()
  const page = await ask('/dashboard', { cookies })
  expect(page.status).toBe(200)
  expect(page.headers.get('cache-control')).toContain('no-store')
  expect(page.sessionCookies.length).toBeGreaterThan(0)
  for (const line of page.sessionCookies) {
    expect(line).toMatch(/; HttpOnly/i)
    expect(Number(/Max-Age=(\d+)/i.exec(line)?.[1])).toBeGreaterThan(2.9 * 24 * 60 * 60)
  }
  const renewed = cookiesOf(page)
  const next = await ask('/dashboard', { cookies: renewed })
  expect(next.status).toBe(200)
  expect(next.sessionCookies).toEqual([])
  expect((await ask('/api/me', { cookies: renewed })).json()).toMatchObject({
    user: { email },
    session: { lane: 'legacy' },
  })
})

test('neither an API call nor a prefetch renews it', async () => {
  const cookies = await sealedForADay()
  const prefetch = { purpose: 'prefetch' }
  expect((await ask('/api/me', { cookies })).sessionCookies).toEqual([])
  expect((await ask('/dashboard', { cookies, headers: prefetch })).sessionCookies).toEqual([])
})

test('a cookie that was renewed during a sign-out signs nobody in again', async () => {
  const cookies = await sealedForADay()
  const renewed = cookiesOf(await ask('/dashboard', { cookies }))
  await act('signOut', '/dashboard', { cookies })
  const api = await ask('/api/me', { cookies: renewed })
  expect(api.status).toBe(401)
  expect(api.json().error.code).toBe('session_ended')
})

test.describe('while sessions are carried over', () => {
  test.use({ policy: 'zero-downtime' })

  test('a page does not renew it, because the migration may refresh its token', async () => {
    const cookies = await sealedForADay()
    expect((await ask('/dashboard', { cookies })).sessionCookies).toEqual([])
  })

  test('a refused migration renews it', async () => {
    const cookies = await legacyCookies('alan@example.com', {
      sealedUntil: epochSeconds() + 24 * 60 * 60,
    })
    const action = await act('migrateSession', '/dashboard', { cookies })
    expect(action.result).toMatchObject({ result: 'refused', reason: 'email_not_verified' })
    expect(action.sessionCookies.length).toBeGreaterThan(0)
    const renewed = await ask('/api/me', { cookies: cookiesOf(action) })
    expect(renewed.json().session.lane).toBe('legacy')
  })
})
