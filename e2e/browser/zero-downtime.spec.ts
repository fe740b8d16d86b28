import { urls } from '../../sandbox/settings.ts'
import { migrateCalls, migrations } from '../steps/calls.ts'
import { moveClock } from '../steps/clock.ts'
import { haveLegacySession, newLegacyToken } from '../steps/legacy-session.ts'
import { laneOf, me } from '../steps/me.ts'
import { addNote, carriedOver, signedInAt } from '../steps/page.ts'
import { signInAtLegacy } from '../steps/sign-in-at-legacy.ts'
import { auth0 } from '../world/auth0.ts'
import { database } from '../world/database.ts'
import { putPolicy, untilInForce } from '../world/policy.ts'
import { count } from '../world/stand-in.ts'
import { stytch } from '../world/stytch.ts'
import { expect, test } from '../world/test.ts'

test('the next page view of Ada, who was imported, carries her session over, and nothing changes for her', async ({
  page,
  context,
}) => {
  await signInAtLegacy(page, 'ada@example.com')
  await addNote(page, 'Written on the legacy lane')
  const before = (await me(context)).body
  expect(before.session.lane).toBe('legacy')

  await putPolicy('zero-downtime')
  const response = await page.reload()
  expect(response?.status()).toBe(200)
  // The app answers at once on the legacy lane, so Ada does not wait for the migration.
  expect(response?.headers()).toMatchObject({ 'x-auth-lane': 'legacy' })
  await expect(carriedOver(page)).toBeVisible()
  // Without a reload, the page shows the new lane and her notes.
  await expect(signedInAt(page)).toContainText('Stytch')
  await expect(page.getByRole('list', { name: 'Notes' })).toContainText(
    'Written on the legacy lane',
  )
  await expect(page).toHaveURL('/dashboard')

  const after = (await me(context)).body
  expect(after.session.lane).toBe('stytch')
  expect(after.user).toEqual(before.user)
  expect(await migrateCalls()).toBe(1)

  await test.step('no script can read the cookies', async () => {
    const cookies = await context.cookies()
    for (const name of ['stytch_session', 'stytch_session_jwt']) {
      expect(cookies.find((cookie) => cookie.name === name)).toMatchObject({
        httpOnly: true,
        sameSite: 'Lax',
        path: '/',
        secure: false,
      })
    }
    expect(await page.evaluate(() => document.cookie)).not.toContain('stytch')
  })

  await test.step('the session survives a reload and a new tab', async () => {
    await page.reload()
    const tab = await context.newPage()
    await tab.goto('/dashboard')
    await expect(tab.getByRole('list', { name: 'Notes' })).toContainText(
      'Written on the legacy lane',
    )
    expect(await laneOf(context)).toBe('stytch')
  })

  await test.step('after twenty minutes the JWT has expired and is refreshed', async () => {
    const old = (await context.cookies()).find(({ name }) => name === 'stytch_session_jwt')?.value
    const asked = await count(stytch, 'POST', '/v1/sessions/authenticate')
    await moveClock(context, 20 * 60)
    const later = await page.reload()
    expect(later?.headers()).toMatchObject({ 'x-auth-lane': 'stytch' })
    expect(await count(stytch, 'POST', '/v1/sessions/authenticate')).toBe(asked + 1)
    const fresh = (await context.cookies()).find(({ name }) => name === 'stytch_session_jwt')?.value
    expect(fresh).not.toBe(old)
    // The browser has the new JWT, so the app does not ask Stytch again.
    await page.reload()
    expect(await count(stytch, 'POST', '/v1/sessions/authenticate')).toBe(asked + 1)
  })

  await test.step('after a rollback she is still signed in', async () => {
    await putPolicy('before-the-migration')
    const back = await page.reload()
    expect(back?.status()).toBe(200)
    expect(back?.headers()).toMatchObject({ 'x-auth-lane': 'stytch' })
    expect((await me(context)).body.user.id).toBe(before.user.id)
    // After a rollback, the app needs the dormant legacy session when Stytch is down.
    expect((await context.cookies()).some(({ name }) => name.startsWith('__session'))).toBe(true)
  })

  expect(await migrateCalls()).toBe(1)
  const events = await database.query<{ result: string; lane: string; reason: string }>(
    "select result, lane, reason from events where kind = 'migration'",
  )
  expect(events).toEqual([{ result: 'migrated', lane: 'stytch', reason: 'carried_over' }])
})

test('Grace, who was not imported, is created at Stytch and carried over', async ({
  page,
  context,
}) => {
  await haveLegacySession(context, 'grace@example.com')
  await page.goto('/dashboard')
  await addNote(page, 'Compilers')
  const before = (await me(context)).body

  await putPolicy('zero-downtime')
  await page.reload()
  await expect(carriedOver(page)).toBeVisible()

  const after = (await me(context)).body
  expect(after.session.lane).toBe('stytch')
  expect(after.user).toEqual(before.user)
  await expect(page.getByRole('list', { name: 'Notes' })).toContainText('Compilers')
  const user = (await stytch.users()).find(({ email }) => email === 'grace@example.com')
  expect(user).toMatchObject({ external_id: 'auth0|6501a0000000000000000002', sessions: 1 })
  expect(await count(stytch, 'POST', '/v1/users')).toBe(1)
})

test('Alan, whose address is not verified, stays signed in on the legacy lane, and the event says why', async ({
  page,
  context,
}) => {
  await haveLegacySession(context, 'alan@example.com')
  await putPolicy('zero-downtime')
  await page.goto('/dashboard')
  await expect(page.getByText('email_not_verified')).toBeVisible()

  expect(await laneOf(context)).toBe('legacy')
  expect(await migrateCalls()).toBe(0)
  const events = await database.query(
    "select result, lane, reason from events where kind = 'migration'",
  )
  expect(events).toEqual([{ result: 'refused', lane: 'legacy', reason: 'email_not_verified' }])

  await page.reload()
  await expect(page.getByText('email_not_verified')).toBeVisible()
  // The session began with an unverified address, so Auth0 is not asked about the user of today.
  expect(await count(auth0, 'GET', '/userinfo')).toBe(0)
})

test('ten tabs and ten API calls of one legacy session: one migrate, one Stytch session', async ({
  context,
}) => {
  const accessToken = await newLegacyToken('grace@example.com')
  await haveLegacySession(context, 'grace@example.com', { accessToken })
  await putPolicy('zero-downtime')

  const tabs = await Promise.all(Array.from({ length: 10 }, () => context.newPage()))
  const headers = { authorization: `Bearer ${accessToken}` }
  const [calls] = await Promise.all([
    Promise.all(
      Array.from({ length: 10 }, () =>
        fetch(`${urls.app}/api/sessions/migrate`, {
          method: 'POST',
          headers,
        }),
      ),
    ),
    Promise.all(tabs.map((tab) => tab.goto('/dashboard'))),
  ])
  await Promise.all(
    tabs.map((tab) =>
      expect(tab.getByText('Identity provider').locator('..')).toContainText('Stytch'),
    ),
  )

  expect(calls.map(({ status }) => status)).toEqual(Array(10).fill(200))
  const sessions = await Promise.all(
    calls.map(async (call) => (await call.json()) as { session_token: string }),
  )
  const inBrowser = (await context.cookies()).find(({ name }) => name === 'stytch_session')?.value
  expect(new Set([...sessions.map(({ session_token }) => session_token), inBrowser]).size).toBe(1)
  expect(await migrations()).toBe(1)
  expect(await stytch.sessionsOf('grace@example.com')).toBe(1)
})

test('forward, back and forward again: a user who was carried over never notices', async ({
  page,
  context,
}) => {
  await haveLegacySession(context, 'ada@example.com')
  for (const policy of ['zero-downtime', 'before-the-migration', 'zero-downtime'] as const) {
    await putPolicy(policy)
    const response = await page.goto('/dashboard')
    expect(response?.status()).toBe(200)
    await expect(page).toHaveURL('/dashboard')
    await expect(signedInAt(page)).toContainText('Stytch')
  }
  expect(await migrateCalls()).toBe(1)
})

test('an operator changes the policy in the control room, and the next page view carries the session over', async ({
  page,
  context,
}) => {
  await haveLegacySession(context, 'ada@example.com')
  await page.goto('/control')
  await page.getByRole('link', { name: 'Change policy' }).click()
  await page.getByRole('link', { name: /^Preview ?: Zero-downtime sessions$/ }).click()
  await page.getByRole('button', { name: 'Apply policy' }).click()
  const status = page
    .getByRole('status')
    .filter({ hasText: 'Zero-downtime sessions is the policy in force' })
  await expect(status).toBeVisible()
  await untilInForce(Number(/version (\d+)/.exec((await status.textContent()) ?? '')?.[1]))
  await page.goto('/dashboard')
  await expect(carriedOver(page)).toBeVisible()
  expect(await laneOf(context)).toBe('stytch')
})
