import { migrateCalls } from '../../steps/calls.ts'
import { epochSeconds } from '../../steps/clock.ts'
import { legacyCookies } from '../../steps/legacy-session.ts'
import { html, stytchError } from '../../steps/outages.ts'
import { ask } from '../../steps/request.ts'
import { act } from '../../steps/server-action.ts'
import { stytchCookies } from '../../steps/stytch-session.ts'
import { putPolicy } from '../../world/policy.ts'
import { count, type Fault } from '../../world/stand-in.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

const authenticate = '/v1/sessions/authenticate'

test.describe('without legacy sessions', () => {
  test.use({ policy: 'all-at-once' })

  const refreshOutages: [string, Omit<Fault, 'path'>][] = [
    ['is down', { drop: true }],
    ['is slow past the deadline', { delayMs: 4_500 }],
    ['answers 429', stytchError(429, 'too_many_requests')],
    ['answers 500', stytchError(500, 'internal_server_error')],
    ['answers with a page', { status: 200, body: html }],
    ['answers with nothing', { status: 200, body: {} }],
    ['does not know our keys', stytchError(401, 'unauthorized_credentials')],
  ]
  for (const [name, fault] of refreshOutages) {
    test(`while Stytch ${name}, an expired JWT logs nobody out`, async () => {
      const cookies = await stytchCookies('ada@example.com', {
        claims: { exp: epochSeconds() - 1 },
      })
      await stytch.setFaults([{ method: 'POST', path: authenticate, ...fault }])

      const page = await ask('/dashboard', { cookies })
      expect(page.status).toBe(503)
      expect(page.headers.get('retry-after')).toBe('5')
      expect(page.text).toContain('You are still signed in.')
      const api = await ask('/api/me', { cookies })
      expect(api.status).toBe(503)
      expect(api.json().error.code).toBe('stytch_unavailable')
      expect(api.headers.get('retry-after')).toBe('5')
      // A post does not redirect to the login either, because the user is signed in.
      const posted = await act('addNote', '/dashboard', { cookies })
      expect(posted.status).toBe(500)
      expect(posted.headers.get('x-action-redirect')).toBeNull()
      for (const answer of [page, api, posted]) {
        expect(answer.headers.getSetCookie().join()).not.toContain('session')
        expect(answer.headers.get('location')).toBeNull()
      }

      // Meanwhile the app serves the user by an accepted legacy session, and does not carry it over.
      const legacy = await legacyCookies('ada@example.com')
      expect((await ask('/dashboard', { cookies: { ...legacy, ...cookies } })).status).toBe(503)
      await putPolicy('zero-downtime')
      const both = await ask('/api/me', { cookies: { ...legacy, ...cookies } })
      expect(both.json()).toMatchObject({
        user: { email: 'ada@example.com' },
        session: { lane: 'legacy' },
      })
      expect(both.headers.getSetCookie().join()).not.toContain('session')
      expect(await migrateCalls()).toBe(0)

      await stytch.clearFaults()
      // The app does not call a failed provider for a moment, so the test polls.
      await expect.poll(async () => (await ask('/api/me', { cookies })).status).toBe(200)
      const again = await ask('/api/me', { cookies })
      expect(again.json().session.lane).toBe('stytch')
      expect(again.sessionCookies).toHaveLength(2)
    })
  }
})

test('ten requests with one expired JWT ask Stytch once, and the browser gets the new JWT', async () => {
  const cookies = await stytchCookies('ada@example.com', { claims: { exp: epochSeconds() - 1 } })
  await stytch.forgetRequests()
  // Stytch answers after all ten requests have arrived.
  await stytch.setFaults([{ method: 'POST', path: authenticate, delayMs: 300 }])
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      ask(index % 2 ? '/api/me' : '/dashboard', { cookies }),
    ),
  )
  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200))
  expect(await count(stytch, 'POST', authenticate)).toBe(1)
  const jwts = new Set<string>()
  for (const answer of answers) {
    expect(answer.headers.get('x-auth-lane')).toBe('stytch')
    expect(answer.headers.get('cache-control')).toContain('no-store')
    expect(answer.sessionCookies).toHaveLength(2)
    for (const line of answer.sessionCookies) {
      expect(line).toMatch(/; Path=\//)
      expect(line).toMatch(/; HttpOnly/)
      expect(line).toMatch(/; SameSite=lax/i)
      expect(line).toMatch(/; Expires=/)
      expect(line).not.toMatch(/; Domain=/)
    }
    // The page rendered with the new session, without a second call to Stytch.
    expect(answer.text).toContain('ada@example.com')
    jwts.add(answer.sessionCookies.find((line) => line.startsWith('stytch_session_jwt')) ?? '')
  }
  expect(jwts.size).toBe(1)

  const fresh = [...jwts][0]?.split(/[=;]/)[1] as string
  expect(fresh).not.toBe(cookies.stytch_session_jwt)
  const next = await ask('/dashboard', { cookies: { ...cookies, stytch_session_jwt: fresh } })
  expect(next.status).toBe(200)
  expect(next.headers.getSetCookie().join()).not.toContain('session')
  expect(await count(stytch, 'POST', authenticate)).toBe(1)
})
