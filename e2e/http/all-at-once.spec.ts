import { here, notAccepted } from '../steps/all-at-once.ts'
import { forgetRequests, providerCalls } from '../steps/calls.ts'
import { legacyCookies } from '../steps/legacy-session.ts'
import { ask } from '../steps/request.ts'
import { stytchCookies } from '../steps/stytch-session.ts'
import { auth0 } from '../world/auth0.ts'
import { putPolicy } from '../world/policy.ts'
import { stytch } from '../world/stytch.ts'
import { expect, test } from '../world/test.ts'

/** The answers to API clients and prefetches when the policy no longer accepts legacy sessions. */

test('tells an API client why it must sign in again, by cookie and by token', async () => {
  const cookies = await legacyCookies('ada@example.com')
  const bearer = await auth0.token('ada@example.com')
  await putPolicy('all-at-once')
  await forgetRequests()
  for (const credentials of [{ cookies }, { bearer }]) {
    const answer = await ask('/api/me', credentials)
    expect(answer.status).toBe(401)
    expect(answer.headers.get('content-type')).toContain('application/json')
    expect(answer.headers.get('cache-control')).toContain('no-store')
    // By RFC 6750 section 3, this error tells the client to discard the token and sign in.
    expect(answer.headers.get('www-authenticate')).toBe(
      `Bearer realm="cutover", error="invalid_token", error_description="${notAccepted}"`,
    )
    expect(answer.json()).toEqual({
      error: { code: notAccepted, message: expect.stringMatching(/sign in again/i) },
      flow: { name: 'stytch', reason: 'everybody' },
      policyVersion: expect.any(Number),
    })
    expect(answer.headers.getSetCookie()).toEqual([])
  }
  // A client without credentials gets another code.
  const nobody = await ask('/api/me')
  expect(nobody.json().error.code).toBe('no_session')
  expect(nobody.headers.get('www-authenticate')).toBe('Bearer realm="cutover"')
  expect(await providerCalls()).toEqual([])
})

test('refuses to carry over the token of an API client', async () => {
  const bearer = await auth0.token('ada@example.com')
  await putPolicy('all-at-once')
  await forgetRequests()
  const door = await ask('/api/sessions/migrate', { method: 'POST', bearer })
  expect(door.status).toBe(401)
  expect(door.json().error.code).toBe(notAccepted)
  expect(door.headers.get('www-authenticate')).toContain(`error_description="${notAccepted}"`)
  expect(await providerCalls()).toEqual([])
  expect((await stytch.users()).find(({ email }) => email === 'ada@example.com')?.sessions).toBe(0)
})

test('keeps the Stytch session of a client that was carried over before', async () => {
  const bearer = await auth0.token('ada@example.com')
  await putPolicy('zero-downtime')
  const door = await ask('/api/sessions/migrate', { method: 'POST', bearer })
  expect(door.status).toBe(200)
  await putPolicy('all-at-once')
  const answer = await ask('/api/me', { bearer: door.json().session_jwt })
  expect(answer.status).toBe(200)
  expect(answer.json().session.lane).toBe('stytch')
  expect((await ask('/api/me', { bearer })).status).toBe(401)
})

test('answers a prefetch without redirect, cookie and calls to providers', async () => {
  const cookies = await legacyCookies('ada@example.com')
  await putPolicy('all-at-once')
  await forgetRequests()
  for (const headers of [
    { 'next-router-prefetch': '1', rsc: '1' },
    { 'sec-purpose': 'prefetch;prerender' },
  ] as Record<string, string>[]) {
    const answer = await ask(here, { cookies, headers })
    expect(answer.status).toBe(204)
    expect(answer.headers.get('location')).toBeNull()
    expect(answer.headers.getSetCookie()).toEqual([])
  }
  expect(await providerCalls()).toEqual([])
})

test('refuses a legacy session beside a forged Stytch session', async () => {
  const cookies = {
    ...(await legacyCookies('grace@example.com')),
    ...(await stytchCookies('ada@example.com', { signWith: 'stranger' })),
  }
  await putPolicy('all-at-once')
  const answer = await ask('/api/me', { cookies })
  expect(answer.status).toBe(401)
})
