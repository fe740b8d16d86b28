import { demoPassword, urls } from '../../../sandbox/settings.ts'
import { deleteAtStytch } from '../../steps/delete-user.ts'
import { newAddress } from '../../steps/people.ts'
import { haveStytchSession } from '../../steps/stytch-session.ts'
import { expect, test } from '../../world/test.ts'

test.use({ policy: 'all-at-once' })

test('a page leads a deleted Stytch user to the login, which says why and lets them sign in again', async ({
  page,
  context,
}) => {
  const email = newAddress()
  await haveStytchSession(context, email)
  await deleteAtStytch(email)
  await page.goto('/dashboard?from=a%20link')
  await expect(page).toHaveURL(/\/login\?.*reason=user_deleted/)
  const main = page.getByRole('main')
  await expect(main).toContainText('your account was deleted or blocked at the login provider')
  await expect(main).not.toContainText('You are signed in')
  await expect(page.getByRole('link', { name: 'Sign in', exact: true })).toBeVisible()

  // Without the reason in its address, the login shows the form too, and not "already signed in".
  await page.goto('/login?with=password&returnTo=%2Fdashboard')
  await page.getByLabel('Email address').fill('ada@example.com')
  await page.getByLabel('Password', { exact: true }).fill(demoPassword)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page).toHaveURL(`${urls.app}/dashboard`)
  await expect(main).toContainText('Ada')
})
