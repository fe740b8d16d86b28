import type { Page } from '@playwright/test'
import { demoPassword, urls } from '../../sandbox/settings.ts'
import { auth0 } from '../world/auth0.ts'
import { database } from '../world/database.ts'
import { isInHouse } from '../world/legacy-provider.ts'
import { count } from '../world/stand-in.ts'
import { stytch } from '../world/stytch.ts'
import { button } from './page.ts'

/** Types an address and a password into the page of the legacy provider. Both providers have the same fields. */
export async function typeAtLegacy(
  page: Page,
  email: string,
  password = demoPassword,
): Promise<void> {
  await page.getByLabel('Email address').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
}

/** Signs in at the legacy provider by hand, from the app's own login page. */
export async function signInAtLegacy(
  page: Page,
  email: string,
  returnTo = '/dashboard',
  password = demoPassword,
): Promise<void> {
  await page.goto(returnTo)
  await page.getByRole('link', { name: 'Continue to sign in' }).click()
  await typeAtLegacy(page, email, password)
  await button(page, 'Continue').click()
  await page.waitForURL((url) => url.origin === urls.app && url.pathname === returnTo.split('?')[0])
}

/** The number of sign-ins at the legacy provider in this test. */
export async function legacySignIns(): Promise<number> {
  if (!isInHouse()) return count(auth0, 'POST', '/oauth/token')
  const [row] = await database.query<{ sessions: number }>(
    'select count(*)::int as sessions from legacy_sessions',
  )
  return row?.sessions ?? 0
}

/** The mails of the legacy provider. The Stytch stand-in shows those of the in-house login. */
export const legacyInbox = () => (isInHouse() ? stytch.inbox() : auth0.inbox())
