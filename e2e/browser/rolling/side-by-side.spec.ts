import { demoPassword, urls } from '../../../sandbox/settings.ts'
import { forgetRequests } from '../../steps/calls.ts'
import { havePin } from '../../steps/flag-cookie.ts'
import { haveLegacySession } from '../../steps/legacy-session.ts'
import { me } from '../../steps/me.ts'
import { carriedOver } from '../../steps/page.ts'
import { roll, rolling } from '../../steps/rolling-policy.ts'
import { legacySignIns, typeAtLegacy } from '../../steps/sign-in-at-legacy.ts'
import { count } from '../../world/stand-in.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

test.describe('with half of all visitors inside', () => {
  test.use({ policy: rolling({ percent: 50 }) })
  test('two users sign in at once, one at each provider', async ({ browser }) => {
    const [one, other] = await Promise.all(
      (['stytch', 'legacy'] as const).map(async (pin) => {
        const context = await browser.newContext({ baseURL: urls.app })
        await havePin(context, pin)
        return context.newPage()
      }),
    )
    if (!one || !other) throw new Error('Two pages were expected.')
    await forgetRequests()
    await Promise.all([one.goto('/dashboard'), other.goto('/dashboard')])
    await other.getByRole('link', { name: 'Continue to sign in' }).click()
    await typeAtLegacy(other, 'grace@example.com')
    await one.getByRole('link', { name: 'Use a password' }).click()
    await one.getByLabel('Email address').fill('ada@example.com')
    await one.getByLabel('Password', { exact: true }).fill(demoPassword)
    await one.getByRole('button', { name: 'Sign in', exact: true }).click()
    await other.getByRole('button', { name: 'Continue', exact: true }).click()
    for (const [page, lane, email] of [
      [one, 'stytch', 'ada@example.com'],
      [other, 'legacy', 'grace@example.com'],
    ] as const) {
      await page.waitForURL('/dashboard')
      expect((await me(page.context())).body).toMatchObject({ user: { email }, session: { lane } })
      await page.context().close()
    }
    expect(await count(stytch, 'POST', '/v1/passwords/authenticate')).toBe(1)
    expect(await count(stytch, 'POST', '/v1/sessions/migrate')).toBe(0)
    expect(await legacySignIns()).toBe(1)
  })
})

test.describe('inside the cohort, a live legacy session', () => {
  test.beforeEach(async ({ context }) => {
    await havePin(context, 'stytch')
    await haveLegacySession(context, 'ada@example.com')
  })

  test('is carried over if the policy says so', async ({ page, context }) => {
    await page.goto('/dashboard')
    const { user } = (await me(context)).body
    await roll({ percent: 0 }, true)
    const response = await page.reload()
    expect(response?.headers()).toMatchObject({ 'x-auth-lane': 'legacy' })
    await expect(carriedOver(page)).toBeVisible()
    expect((await me(context)).body).toMatchObject({ user, session: { lane: 'stytch' } })
    expect(await count(stytch, 'POST', '/v1/sessions/migrate')).toBe(1)
  })

  test('makes its user sign in again if the policy says so, but not on the legacy flow', async ({
    page,
    context,
    browser,
  }) => {
    const neighbour = await browser.newContext({ baseURL: urls.app })
    await havePin(neighbour, 'legacy')
    await haveLegacySession(neighbour, 'grace@example.com')
    await page.goto('/dashboard')
    const { user } = (await me(context)).body
    await roll({ percent: 50 }, false)
    await page.reload()
    await expect(page).toHaveURL(/\/login\?.*reason=legacy_session_not_accepted/)
    await expect(page.getByText('Sign-in has changed')).toBeVisible()
    const theirs = await neighbour.newPage()
    expect((await theirs.goto('/dashboard'))?.headers()).toMatchObject({
      'x-auth-lane': 'legacy',
      'x-auth-reason': 'legacy_session',
    })
    await expect(theirs).toHaveURL('/dashboard')
    await neighbour.close()

    await page.getByRole('link', { name: 'Use a password' }).click()
    await page.getByLabel('Email address').fill('ada@example.com')
    await page.getByLabel('Password', { exact: true }).fill(demoPassword)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.waitForURL('/dashboard')
    expect((await me(context)).body).toMatchObject({ user, session: { lane: 'stytch' } })
    expect(await count(stytch, 'POST', '/v1/sessions/migrate')).toBe(0)
  })
})
