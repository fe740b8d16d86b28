import { createBrowser } from '../../../sandbox/auth0/browser.ts'
import { demoPassword, urls } from '../../../sandbox/settings.ts'
import { epochSeconds } from '../../steps/clock.ts'
import { legacyCookies } from '../../steps/legacy-session.ts'
import { ask } from '../../steps/request.ts'
import { act, submit } from '../../steps/server-action.ts'
import { stytchCookies } from '../../steps/stytch-session.ts'
import { auth0 } from '../../world/auth0.ts'
import { database } from '../../world/database.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

/** An attacker holds a copy of the cookies of a session that has ended. */

test.use({ policy: 'zero-downtime' })

const ada = 'ada@example.com'
type Cookies = Record<string, string>

/** An API call, a page and a server action with these cookies. */
async function expectRefused(cookies: Cookies, base?: string) {
  const api = await ask('/api/me', { cookies, base })
  expect([api.status, api.json().error?.code]).toEqual([401, 'session_ended'])
  const page = await ask('/dashboard', { cookies, base })
  expect(page.text).not.toContain(ada)
  const action = await submit('addNote', '/dashboard', { text: 'stolen' }, { cookies, base })
  expect(action.text).not.toContain(ada)
  expect(action.headers.get('x-action-redirect') ?? '').toMatch(/^\/login/)
}

test('refuses a copied session on both instances after a sign-out while Stytch does not answer', async ({
  startApp,
}) => {
  const { url: second } = await startApp()
  const cookies = await stytchCookies(ada)
  for (const base of [undefined, second]) {
    expect((await ask('/api/me', { cookies, base })).status).toBe(200)
  }
  await stytch.setFaults([{ path: '/v1/sessions/revoke', drop: true }])
  const { headers } = await act('signOut', '/dashboard', { cookies })
  expect(headers.getSetCookie().join()).not.toContain('sign_out_incomplete=1')

  // Stytch has not revoked the session. It would give the copy a new JWT.
  expect(await stytch.sessionsOf(ada)).toBe(1)
  for (const base of [undefined, second]) await expectRefused(cookies, base)
})

test('refuses a copied session token whose JWT the edge refreshes after such a sign-out', async () => {
  const cookies = await stytchCookies(ada, { claims: { exp: epochSeconds() - 1 } })
  await stytch.setFaults([{ path: '/v1/sessions/revoke', status: 500, body: {} }])
  await act('signOut', '/dashboard', { cookies })
  await expectRefused(cookies)
})

test('revokes the session at Stytch when it answers again', async () => {
  const cookies = await stytchCookies(ada)
  await stytch.setFaults([{ path: '/v1/sessions/revoke', drop: true }])
  await act('signOut', '/dashboard', { cookies })
  await stytch.setFaults([])
  await database.query("update pgboss.job set start_after = now() where name = 'revocation'")
  await expect.poll(() => stytch.sessionsOf(ada)).toBe(0)
})

test('refuses a copy of the session that a new sign-in has replaced, and revokes it', async () => {
  const replaced = await stytchCookies(ada)
  const fields = { email: ada, password: demoPassword, returnTo: '/dashboard' }
  const signedIn = await submit('signInWithPassword', '/login', fields, { cookies: replaced })
  expect(signedIn.sessionCookies).toHaveLength(2)
  await expectRefused(replaced)
  expect(await stytch.sessionsOf(ada)).toBe(1)
})

test('refuses a copy of the session that a sign-in at Auth0 has replaced, and revokes it', async ({
  startApp,
}) => {
  const { url: second } = await startApp()
  const replaced = await stytchCookies(ada, { claims: { exp: epochSeconds() - 1 } })
  const browser = createBrowser()
  const cookies = Object.entries(replaced).map(([name, value]) => `${name}=${value}; Path=/`)
  browser.remember(
    new Response(null, { headers: cookies.map((text): [string, string] => ['set-cookie', text]) }),
  )
  const form = await browser.open(`${urls.app}/auth/login?returnTo=/dashboard`)
  const fields = { email: 'grace@example.com', password: demoPassword }
  const page = await browser.submit(form, fields)
  expect(page.html).toContain('grace@example.com')
  expect(browser.names()).not.toContain('stytch_session')
  for (const base of [undefined, second]) await expectRefused(replaced, base)
  expect(await stytch.sessionsOf(ada)).toBe(0)
})

test('ends the legacy session of another user that a sign-in at Stytch replaces', async () => {
  const grace = await legacyCookies('grace@example.com')
  expect((await ask('/api/me', { cookies: grace })).status).toBe(200)
  const fields = { email: ada, password: demoPassword, returnTo: '/dashboard' }
  const signedIn = await submit('signInWithPassword', '/login', fields, { cookies: grace })
  expect(signedIn.sessionCookies).toHaveLength(2)
  const copy = await ask('/api/me', { cookies: grace })
  expect([copy.status, copy.json().error.code]).toEqual([401, 'session_ended'])
})

test('says that a sign-out is not complete when neither the database nor Stytch answers', async () => {
  const cookies = await stytchCookies(ada)
  await ask('/api/me', { cookies })
  await database.setUp(false)
  await stytch.setFaults([{ path: '/v1/*', drop: true }])
  const signedOut = await act('signOut', '/dashboard', { cookies })
  expect(signedOut.sessionCookies).toEqual([])
  expect(signedOut.headers.getSetCookie().join()).toContain('sign_out_incomplete=1')
  const home = await ask('/', { cookies: { sign_out_incomplete: '1' } })
  expect(home.text).toContain('Signed out on this device only')
  expect((await ask('/')).text).not.toContain('Signed out on this device only')
})

test('closes the webhook for blocked users where the Management API is not configured', async () => {
  const answer = await ask('/api/webhooks/auth0', { method: 'POST', body: '[]' })
  expect([answer.status, answer.json().error.code]).toEqual([404, 'webhook_closed'])
  expect(await auth0.requests()).toEqual([])
})
