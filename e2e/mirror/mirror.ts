import { expect, type Page } from '@playwright/test'
import { auth0Tenant, urls } from '../../sandbox/settings.ts'
import {
  askForReset,
  goodPassword,
  openInAnotherBrowser,
  resetLinkFor,
  typeNewPassword,
  typePassword,
} from '../steps/login.ts'
import { button } from '../steps/page.ts'
import { typeAtLegacy } from '../steps/sign-in-at-legacy.ts'
import { afterRetries } from './test.ts'

/** Signs up with a password, and proves the address by the link of "Forgot password?". */
export async function signUp(page: Page, email: string): Promise<void> {
  await signUpUnproved(page, email)
  await askForReset(page, email)
  await page.goto(await resetLinkFor(email))
  await typeNewPassword(page, goodPassword)
  await page.waitForURL(/dashboard/)
}

/** Signs up with a password alone. Nobody has proved the address then. */
export async function signUpUnproved(page: Page, email: string): Promise<void> {
  await typePassword(page, { email, password: goodPassword, as: 'signup', returnTo: '/dashboard' })
  await page.waitForURL('/dashboard')
}

/** Types an address and a password into the legacy login, in another browser. */
export async function signInAtLegacyElsewhere(
  page: Page,
  email: string,
  password: string,
): Promise<Page> {
  const other = await openInAnotherBrowser(page)
  await other.goto('/dashboard')
  await other.getByRole('link', { name: 'Continue to sign in' }).click()
  await typeAtLegacy(other, email, password)
  await button(other, 'Continue').click()
  return other
}

type LegacyUser = { user_id: string; name: string; email_verified: boolean }

/** The records that the legacy provider has for an address. */
export async function legacyRecords(email: string): Promise<LegacyUser[]> {
  const { clientId, clientSecret } = auth0Tenant.management
  const granted = await fetch(`${urls.auth0}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      audience: `${urls.auth0}/api/v2/`,
    }),
  })
  const { access_token: token } = (await granted.json()) as { access_token: string }
  const found = await fetch(`${urls.auth0}/api/v2/users-by-email?email=${email}`, {
    headers: { authorization: `Bearer ${token}` },
  })
  return (await found.json()) as LegacyUser[]
}

/** Waits until the legacy provider has this number of records for an address. */
export const untilRecorded = (email: string, times = 1) =>
  expect.poll(async () => (await legacyRecords(email)).length, afterRetries).toBe(times)
