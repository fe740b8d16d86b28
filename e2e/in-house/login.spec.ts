import { urls } from '../../sandbox/settings.ts'
import { inHouseToken } from '../steps/in-house-session.ts'
import { ask } from '../steps/request.ts'
import { submit } from '../steps/server-action.ts'
import { database } from '../world/database.ts'
import { expect, test } from '../world/test.ts'

/** The in-house login over HTTP. The specs of both providers show the rest. */

const signIn = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
  submit('signInAtLegacy', '/auth/login', fields, { headers })
const ada = { email: 'ada@example.com', password: 'demo-password', returnTo: '/dashboard' }

test('a sign-in opens the dashboard and the API, on the legacy lane', async () => {
  const token = await inHouseToken('ada@example.com')
  const cookies = { __session: token }
  const page = await ask('/dashboard', { cookies })
  expect(page.status).toBe(200)
  expect(page.headers.get('x-auth-lane')).toBe('legacy')
  expect(page.text).toContain('Cutover ID')
  for (const asked of [{ cookies }, { bearer: token }]) {
    expect((await ask('/api/me', asked)).json()).toMatchObject({
      user: { email: 'ada@example.com' },
      session: { lane: 'legacy', issuer: `${urls.app}/legacy` },
    })
  }
})

test('the cookie cannot be read by scripts, and is sent to this site only', async () => {
  const { headers } = await signIn(ada)
  const cookie = headers.getSetCookie().find((line) => line.startsWith('__session='))
  expect(cookie).toMatch(/; Path=\/;.*HttpOnly; SameSite=lax/i)
})

test('refuses a wrong password, an unknown user and a blocked user with one answer', async () => {
  await database.query("update legacy_users set blocked = 'yes' where email = 'grace@example.com'")
  const answers = await Promise.all([
    signIn({ ...ada, password: 'wrong-password' }),
    signIn({ ...ada, email: 'nobody@example.com' }),
    signIn({ ...ada, email: 'grace@example.com' }),
  ])
  for (const { result, sessionCookies } of answers) {
    expect(result.problem.code).toBe('legacy_sign_in_refused')
    expect(sessionCookies).toEqual([])
  }
  expect(new Set(answers.map(({ result }) => result.problem.message)).size).toBe(1)
})

test('refuses guesses of one password after ten', async () => {
  const wrong = { ...ada, password: 'wrong-password' }
  for (let guess = 0; guess < 10; guess++) await signIn(wrong)
  expect((await signIn(ada)).result.problem.code).toBe('too_many_attempts')
})

test('refuses a sign-in that another site posts', async () => {
  const { sessionCookies } = await signIn(ada, { origin: 'https://evil.example' })
  expect(sessionCookies).toEqual([])
})

test('leads to no other site after the sign-in', async () => {
  const { headers } = await signIn({ ...ada, returnTo: '//evil.example' })
  expect(headers.get('x-action-redirect')).toMatch(/^\/dashboard/)
})

test('a copy of the cookie is refused after the sign-out of its session', async () => {
  const cookies = { __session: await inHouseToken('ada@example.com') }
  await database.query('update legacy_sessions set ended_at = now()')
  // The signature is still good, so the middleware passes the request on. The page checks the table.
  expect((await ask('/api/me', { cookies })).json()).toMatchObject({
    error: { code: 'session_ended' },
  })
  expect((await ask('/dashboard', { cookies })).status).not.toBe(200)
})

test('the session of a user who is blocked now is refused', async () => {
  const cookies = { __session: await inHouseToken('ada@example.com') }
  await database.query("update legacy_users set blocked = 'yes' where email = 'ada@example.com'")
  expect((await ask('/api/me', { cookies })).json()).toMatchObject({
    error: { code: 'user_deleted' },
  })
})

test('a sign-out ends the row of the session', async ({ page, context }) => {
  const token = await inHouseToken('ada@example.com')
  await context.addCookies([{ name: '__session', value: token, url: urls.app, httpOnly: true }])
  await page.goto('/dashboard')
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await page.waitForURL('/')
  expect((await ask('/api/me', { bearer: token })).status).toBe(401)
  expect(await database.query('select 1 from legacy_sessions where ended_at is null')).toEqual([])
})

test.describe('with zero downtime', () => {
  test.use({ policy: 'zero-downtime' })

  test('an API client exchanges its token for a Stytch session', async () => {
    const bearer = await inHouseToken('ada@example.com')
    const migrated = await ask('/api/sessions/migrate', { method: 'POST', bearer })
    expect(migrated.status).toBe(200)
    const { session_jwt } = migrated.json()
    expect((await ask('/api/me', { bearer: session_jwt })).json()).toMatchObject({
      user: { email: 'ada@example.com' },
      session: { lane: 'stytch' },
    })
    // Stytch asked our own route once, after the app had asked the table for the same user.
    const used = await database.query(
      'select 1 from legacy_exchange_tokens where used_at is not null',
    )
    expect(used).toHaveLength(2)
  })
})
