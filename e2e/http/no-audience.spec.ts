import { forgetRequests, migrations, providerCalls } from '../steps/calls.ts'
import { epochSeconds } from '../steps/clock.ts'
import { legacyCookies } from '../steps/legacy-session.ts'
import { ask } from '../steps/request.ts'
import { act } from '../steps/server-action.ts'
import { auth0 } from '../world/auth0.ts'
import { count } from '../world/stand-in.ts'
import { expect, test } from '../world/test.ts'

/** A tenant whose login names no audience, which is Auth0's default. Its access tokens are opaque. */

test.use({ policy: 'zero-downtime' })

const email = 'grace@example.com'
const opaque = 'kFvXhWj3Q0mZb2yR9c1tA7nKfVx0123'

test('carries a session with an expired opaque token over, after the SDK refreshed the token', async ({
  startApp,
}) => {
  const { url: base } = await startApp({ AUTH0_AUDIENCE: 'none' })
  const cookies = await legacyCookies(email, {
    audience: '',
    accessToken: opaque,
    expiresAt: epochSeconds() - 10,
  })
  expect((await ask('/api/me', { base, cookies })).json()).toMatchObject({
    user: { email },
    session: { lane: 'legacy' },
  })
  await forgetRequests()
  const { result } = await act('migrateSession', '/dashboard', { base, cookies })
  expect(result).toEqual({ result: 'migrated', reason: 'carried_over' })
  expect(await count(auth0, 'POST', '/oauth/token')).toBe(1)
  expect(await migrations()).toBe(1)
})

test('refuses an opaque Bearer token and every JWT, and asks no provider', async ({ startApp }) => {
  const { url: base } = await startApp({ AUTH0_AUDIENCE: 'none' })
  const jwt = await auth0.token(email)
  // The first JWT makes the app fetch the keys.
  await ask('/api/me', { base, bearer: jwt })
  await forgetRequests()
  for (const [bearer, code] of [
    [opaque, 'token_opaque'],
    [jwt, 'audience_mismatch'],
  ] as const) {
    for (const [path, method] of [
      ['/api/me', 'GET'],
      ['/api/sessions/migrate', 'POST'],
    ] as const) {
      const answer = await ask(path, { base, method, bearer })
      expect(answer.status).toBe(401)
      expect(answer.json().error.code).toBe(code)
    }
  }
  expect(await providerCalls()).toEqual([])
})
