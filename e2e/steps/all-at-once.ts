import { expect, type Page } from '@playwright/test'
import { demoPassword } from '../../sandbox/settings.ts'
import { stytch } from '../world/stytch.ts'
import { button, main } from './page.ts'

/** Steps for a policy that accepts no legacy session. Every user signs in once more. */

/** The page of the user. Its query distinguishes it from the default page after a login. */
export const here = '/dashboard?from=a%20link'
export const notAccepted = 'legacy_session_not_accepted'
export const loginFrom = (where: string) =>
  `/login?${new URLSearchParams({ returnTo: where, reason: notAccepted })}`

/** The explanation on the login page for a user whose legacy session the app does not accept. */
export const explained = (page: Page) => page.getByText('Sign-in has changed')

async function mailed(email: string, what: 'code' | 'link'): Promise<string> {
  const mail = (await stytch.inbox()).findLast((each) => each.to === email && each[what])
  return mail?.[what] ?? ''
}

/** The ways to sign in at Stytch. Each one starts at the login page. */
export const ways = {
  async 'the password that was imported'(page: Page, email: string) {
    await page.getByRole('link', { name: 'Use a password' }).click()
    await page.getByLabel('Email address').fill(email)
    await page.getByLabel('Password', { exact: true }).fill(demoPassword)
    await button(page, 'Sign in').click()
  },
  async 'a code by email'(page: Page, email: string) {
    await page.getByLabel('Email address').fill(email)
    await button(page, 'Email me a code').click()
    await expect(page.getByRole('heading', { name: 'Enter the code' })).toBeVisible()
    await page.getByLabel('Six-digit code').fill(await mailed(email, 'code'))
    await button(page, 'Sign in').click()
  },
  async 'a link by email'(page: Page, email: string) {
    await page.getByLabel('Email address').fill(email)
    await button(page, 'Email me a link').click()
    await expect(page.getByRole('heading', { name: 'Check your email' })).toBeVisible()
    await page.goto(await mailed(email, 'link'))
  },
  async 'a code in the pre-built UI'(page: Page, email: string) {
    await page.getByRole('link', { name: 'Pre-built UI' }).click()
    await page.getByRole('link', { name: 'Use a code instead of a link' }).click()
    await page.getByLabel('Email', { exact: true }).fill(email)
    await button(page, 'Continue with email').click()
    await button(page, 'Email me a login code').click()
    await page.getByLabel('One-time passcode').waitFor()
    await page.getByLabel('One-time passcode').fill(await mailed(email, 'code'))
  },
  async 'a link in the pre-built UI'(page: Page, email: string) {
    await page.getByRole('link', { name: 'Pre-built UI' }).click()
    await page.getByLabel('Email', { exact: true }).fill(email)
    await button(page, 'Continue with email').click()
    await button(page, 'Email me a login link').click()
    await expect(main(page)).toContainText('Check your email')
    await page.goto(await mailed(email, 'link'))
  },
}
export type Way = keyof typeof ways
