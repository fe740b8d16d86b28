import { atOffset } from '../../steps/clock.ts'
import { afterBackOff, atMigrate } from '../../steps/outages.ts'
import { ask } from '../../steps/request.ts'
import { stytchCookies } from '../../steps/stytch-session.ts'
import { auth0 } from '../../world/auth0.ts'
import { database } from '../../world/database.ts'
import { count } from '../../world/stand-in.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

test.use({ policy: 'zero-downtime' })

test('with the database down, a new user stays signed in, and the app tells them the problem', async () => {
  const cookies = await stytchCookies(`new-${crypto.randomUUID()}@example.com`)
  await database.setUp(false)
  try {
    const api = await ask('/api/me', { cookies })
    expect(api.status).toBe(503)
    expect(api.json().error.code).toBe('account_unavailable')
    const page = await ask('/dashboard', { cookies })
    expect(page.status).toBe(200)
    expect(page.text).toContain('Your account is unavailable')
    for (const answer of [api, page])
      expect(answer.headers.getSetCookie().join()).not.toContain('session')
  } finally {
    await database.setUp(true)
  }
  expect((await ask('/api/me', { cookies })).status).toBe(200)
})

test('an outage of the database during a migration leaves no Stytch session, and a retry creates one', async () => {
  const bearer = await auth0.token('ada@example.com')
  expect((await ask('/api/me', { bearer })).status).toBe(200)
  await stytch.setFaults([atMigrate({ delayMs: 1_500, times: 1 })])
  await auth0.forgetRequests()
  const door = (headers = {}) => ask('/api/sessions/migrate', { method: 'POST', bearer, headers })
  const pending = door()
  try {
    // The app has taken the claim and verified the user. Stytch has not answered yet.
    const asked = () => count(auth0, 'GET', '/userinfo')
    await expect.poll(asked, { intervals: [25] }).toBe(1)
    await database.setUp(false)
    expect((await pending).status).toBe(503)
  } finally {
    await database.setUp(true)
  }
  expect(await count(stytch, 'POST', '/v1/sessions/revoke')).toBe(1)
  expect(await stytch.sessionsOf('ada@example.com')).toBe(0)
  expect((await ask('/api/me', { bearer })).json().session.lane).toBe('legacy')

  expect((await door(atOffset(afterBackOff))).status).toBe(200)
  expect((await door(atOffset(afterBackOff))).status).toBe(200)
  expect(await stytch.sessionsOf('ada@example.com')).toBe(1)
})
