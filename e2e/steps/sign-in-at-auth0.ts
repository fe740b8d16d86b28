import type { Page } from '@playwright/test'
import { demoPassword, urls } from '../../sandbox/settings.ts'
import { button } from './page.ts'

/** Types an address and a password into the page of the Auth0 stand-in. */
export async function typeAtAuth0(
  page: Page,
  email: string,
  password = demoPassword,
): Promise<void> {
  await page.getByLabel('Email address').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
}

/** Signs in at the Auth0 stand-in by hand, from the app's own login page. */
export async function signInAtAuth0(
  page: Page,
  email: string,
  returnTo = '/dashboard',
  password = demoPassword,
): Promise<void> {
  await page.goto(returnTo)
  await page.getByRole('link', { name: 'Continue to sign in' }).click()
  await typeAtAuth0(page, email, password)
  await button(page, 'Continue').click()
  await page.waitForURL((url) => url.origin === urls.app && url.pathname === returnTo.split('?')[0])
}
