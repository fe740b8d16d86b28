import { urls } from '../../../sandbox/settings.ts'
import { expectAccessible } from '../../steps/accessible.ts'
import { askForCode } from '../../steps/login.ts'
import { button } from '../../steps/page.ts'
import { auth0 } from '../../world/auth0.ts'
import { expect, test } from '../../world/test.ts'
import { heading } from './state.ts'

/** The pages of the stand-ins, and our own part of the page with Stytch's pre-built UI. */

const ada = 'ada@example.com'

test('axe finds nothing: the empty inbox of Stytch', async ({ page }) => {
  await page.goto(urls.stytch)
  await heading(page, 'Nothing here yet')
  await expectAccessible(page)
})

test.describe('with the Stytch login', () => {
  test.use({ policy: 'zero-downtime' })

  test('axe finds nothing: the inbox of Stytch with a code, a link and a reset link', async ({
    page,
  }) => {
    await askForCode(page, ada, '/login')
    await page.goto('/login')
    await page.getByLabel('Email address').fill(`${'a'.repeat(50)}@${'b'.repeat(50)}.example`)
    await button(page, 'Email me a link').click()
    await heading(page, 'Check your email')
    await page.goto('/login?with=reset')
    await page.getByLabel('Email address').fill(ada)
    await button(page, 'Email me a reset link').click()
    await heading(page, 'Check your email')
    await page.goto(urls.stytch)
    await expect(page.getByRole('listitem')).toHaveCount(3)
    await page.getByText('Show the link').first().click()
    await expectAccessible(page)
  })

  test('axe finds nothing, and nothing overflows: the tab of the pre-built UI', async ({
    page,
  }) => {
    await page.goto('/login?tab=prebuilt')
    await expect(button(page, 'Continue with email')).toBeVisible()
    await expectAccessible(page)
  })
})

test('axe finds nothing: the login of Auth0, also with a problem', async ({ page }) => {
  await page.goto('/auth/login')
  await heading(page, 'Welcome')
  await page.getByText('Demo users').click()
  await expectAccessible(page)
  await page.getByLabel('Email address').fill(ada)
  await page.getByLabel('Password', { exact: true }).fill('not-hers-at-all')
  await button(page, 'Continue').click()
  await expect(page.getByRole('alert')).toBeVisible()
  await expectAccessible(page)
})

test('axe finds nothing: the sign-up and the forgotten password of Auth0', async ({ page }) => {
  await page.goto('/auth/login?screen_hint=signup')
  await heading(page, 'Sign up')
  await expectAccessible(page)
  await page.getByRole('link', { name: 'Log in' }).click()
  await page.getByRole('link', { name: 'Forgot password?' }).click()
  await heading(page, 'Forgot your password?')
  await expectAccessible(page)
  await page.getByLabel('Email address').fill(ada)
  await button(page, 'Continue').click()
  await heading(page, 'Check your email')
  await expectAccessible(page)
  expect((await auth0.inbox()).at(-1)?.to).toBe(ada)
})
