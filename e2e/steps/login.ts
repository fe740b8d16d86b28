import { expect, type Page } from '@playwright/test'
import { demoPassword, stytchProject, urls } from '../../sandbox/settings.ts'
import type { Mail } from '../world/stand-in.ts'
import { stytch } from '../world/stytch.ts'
import { me } from './me.ts'
import { button, main } from './page.ts'
import { stytchCookiesOf } from './stytch-session.ts'

/** The login pages of the Stytch flow, filled in by hand. */

/** A password that Stytch accepts. */
export const goodPassword = 'plover basalt orrery quince'

/** The page that the user wants. Its query distinguishes it from the default page after a login. */
export const wanted = '/dashboard?from=a%20link'
export const loginAt = (parameters: Record<string, string> = {}) =>
  `/login?${new URLSearchParams({ returnTo: wanted, ...parameters })}`

async function lastMail(to: string, kind: RegExp): Promise<Mail> {
  const mail = (await stytch.inbox()).findLast((each) => each.to === to && kind.test(each.kind))
  if (!mail) throw new Error(`The inbox has no mail ${kind} to ${to}.`)
  return mail
}
export const codeFor = async (email: string) =>
  (await lastMail(email, /^email_code$/)).code as string
export const linkFor = async (email: string) =>
  (await lastMail(email, /^(?:login|signup)_link$/)).link as string
export const resetLinkFor = async (email: string) =>
  (await lastMail(email, /^password_reset$/)).link as string

export async function askForCode(page: Page, email: string, address = loginAt()): Promise<void> {
  await page.goto(address)
  await page.getByLabel('Email address').fill(email)
  await button(page, 'Email me a code').click()
  await expect(page.getByRole('heading', { name: 'Enter the code' })).toBeVisible()
  await expect(main(page)).toContainText(email)
}

export async function enterCode(page: Page, code: string): Promise<void> {
  await page.getByLabel('Six-digit code').fill(code)
  await button(page, 'Sign in').click()
}

export async function askForLink(page: Page, email: string, address = loginAt()): Promise<void> {
  await page.goto(address)
  await page.getByLabel('Email address').fill(email)
  await button(page, 'Email me a link').click()
  await expect(page.getByRole('heading', { name: 'Check your email' })).toBeVisible()
  await expect(main(page)).toContainText(email)
}

/** With JavaScript, the page of a mailed link signs in by itself. Without JavaScript, the user clicks a button. */
export async function openLink(page: Page, link: string, { javaScriptEnabled = true } = {}) {
  await page.goto(link)
  if (!javaScriptEnabled) await button(page, 'Continue').click()
}

export type PasswordForm = {
  email: string
  password?: string
  as?: 'password' | 'signup'
  returnTo?: string
}
export async function typePassword(
  page: Page,
  { email, password = demoPassword, as = 'password', returnTo = wanted }: PasswordForm,
): Promise<void> {
  await page.goto(loginAt({ with: as, returnTo }))
  await page.getByLabel('Email address').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await button(page, as === 'password' ? 'Sign in' : 'Create account').click()
}

export async function askForReset(
  page: Page,
  email: string,
  address = loginAt({ with: 'password' }),
): Promise<void> {
  await page.goto(address)
  await page.getByRole('link', { name: 'Forgot password?' }).click()
  await page.getByLabel('Email address').fill(email)
  await button(page, 'Email me a reset link').click()
  await expect(page.getByRole('heading', { name: 'Check your email' })).toBeVisible()
}

export async function typeNewPassword(page: Page, password: string): Promise<void> {
  await page.getByLabel('New password').fill(password)
  await button(page, 'Set password and sign in').click()
}

/** Checks that the user is signed in at Stytch, on the wanted page, with cookies that no script can read. */
export async function expectSignedIn(page: Page, email: string, where = wanted): Promise<void> {
  await expect(page).toHaveURL(where)
  const { status, body } = await me(page.context())
  expect(status).toBe(200)
  expect(body.user.email).toBe(email)
  expect(body.session).toMatchObject({
    lane: 'stytch',
    issuer: `stytch.com/${stytchProject.projectId}`,
  })
  const cookies = await stytchCookiesOf(page.context())
  expect(cookies.map(({ name }) => name).sort()).toEqual(['stytch_session', 'stytch_session_jwt'])
  for (const cookie of cookies) {
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', secure: false, path: '/' })
    expect(cookie.domain).toBe('localhost')
    // The cookie lives as long as the session, and not only as long as the JWT in it.
    expect(cookie.expires).toBeGreaterThan(Date.now() / 1_000 + 24 * 3_600)
  }
}

export async function expectNotSignedIn(page: Page): Promise<void> {
  expect((await me(page.context())).status).toBe(401)
  expect(await stytchCookiesOf(page.context())).toEqual([])
}

/** A page in another browser, which has no cookies. */
export async function openInAnotherBrowser(page: Page, javaScriptEnabled = true): Promise<Page> {
  const browser = page.context().browser()
  if (!browser) throw new Error('no browser')
  return (await browser.newContext({ baseURL: urls.app, javaScriptEnabled })).newPage()
}
