import { type BrowserContext, expect, type Page } from '@playwright/test'
import { urls } from '../../sandbox/settings.ts'
import { typePassword } from './login.ts'
import { me } from './me.ts'
import { carriedOver } from './page.ts'

/** All cookies that a session or a login has left in a browser. */
export const sessionCookies = async (context: BrowserContext) =>
  (await context.cookies(urls.app)).filter(({ name }) =>
    /^(?:stytch_session|__session|__FC_|__txn_)/.test(name),
  )

export async function signInAtStytch(page: Page, email = 'ada@example.com'): Promise<void> {
  await typePassword(page, { email, returnTo: '/dashboard' })
  await expect(page).toHaveURL('/dashboard')
}

export async function haveCarriedOver(page: Page): Promise<void> {
  await page.goto('/dashboard')
  await expect(carriedOver(page)).toBeVisible()
}

export async function expectSignedOut(context: BrowserContext): Promise<void> {
  expect(await sessionCookies(context)).toEqual([])
  expect((await me(context)).status).toBe(401)
}

/** Copies the cookies of this browser, runs `then`, and returns another browser with the copy. */
export async function inAnotherBrowser(
  from: BrowserContext,
  then: () => Promise<unknown>,
): Promise<BrowserContext> {
  const cookies = await from.cookies()
  const thief = await from.browser()?.newContext({ baseURL: urls.app })
  if (!thief) throw new Error('no browser')
  await then()
  await thief.addCookies(cookies)
  return thief
}
