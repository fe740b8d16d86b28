import type { Page } from '@playwright/test'
import { demoPassword, urls } from '../../../sandbox/settings.ts'
import {
  codeFor,
  expectNotSignedIn,
  expectSignedIn,
  goodPassword,
  linkFor,
  loginAt,
  openInAnotherBrowser,
  resetLinkFor,
  typeNewPassword,
} from '../../steps/login.ts'
import { button, main, problem, scriptsRan, signOut } from '../../steps/page.ts'
import { newAddress } from '../../steps/people.ts'
import { stytchCookiesOf } from '../../steps/stytch-session.ts'
import { count } from '../../world/stand-in.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from './test.ts'

test.describe('Stytch’s pre-built UI', () => {
  test.use({ policy: 'zero-downtime' })

  const tab = loginAt({ tab: 'prebuilt' })

  /** The SDK had the session during the login. Afterwards no script can read or restore it. */
  async function expectNothingLeftForScripts(page: Page): Promise<void> {
    expect(await page.evaluate(() => document.cookie)).not.toContain('stytch')
    const tokens = (await stytchCookiesOf(page.context())).map(({ value }) => value)
    const stored = await page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
    )
    for (const token of tokens) expect(stored).not.toContain(token)

    await test.step('also after signing out', async () => {
      await signOut(page)
      await stytch.forgetRequests()
      await page.goto(tab)
      await expect(page.getByRole('textbox', { name: /email/i }).first()).toBeVisible()
      await expect
        .poll(() => count(stytch, 'GET', /^\/sdk\/v1\/projects\/bootstrap\//))
        .toBeGreaterThan(0)
      await expectNotSignedIn(page)
      const authenticated = (await stytch.requests()).filter(
        ({ path, status }) => path.endsWith('/sessions/authenticate') && status === 200,
      )
      expect(authenticated).toEqual([])
    })
  }

  async function typeEmail(page: Page, email: string): Promise<void> {
    await page.getByLabel('Email', { exact: true }).fill(email)
    await button(page, 'Continue with email').click()
  }

  test('a code by email signs in', async ({ page }) => {
    await page.goto(tab)
    await page.getByRole('link', { name: 'Use a code instead of a link' }).click()
    await typeEmail(page, 'ada@example.com')
    await button(page, 'Email me a login code').click()
    const code = page.getByLabel('One-time passcode')
    await code.waitFor()
    const right = await codeFor('ada@example.com')
    await code.fill(right === '123456' ? '654321' : '123456')
    await expect(main(page)).toContainText('Invalid passcode')
    // The test types by keyboard, because the SDK's field has lost the focus and moves its own caret.
    await code.click()
    for (const _ of right) await page.keyboard.press('Backspace')
    await expect(code).toHaveValue('')
    await page.keyboard.type(right)
    await expectSignedIn(page, 'ada@example.com')
    expect(await count(stytch, 'POST', '/sdk/v1/otps/authenticate')).toBe(2)
    // The server verified the session at Stytch before it accepted the tokens of the browser.
    expect(await count(stytch, 'POST', '/v1/sessions/authenticate')).toBe(1)
    await expectNothingLeftForScripts(page)
  })

  test('a link by email signs in, with PKCE', async ({ page }) => {
    await page.goto(tab)
    await typeEmail(page, 'ada@example.com')
    await button(page, 'Email me a login link').click()
    await expect(main(page)).toContainText('Check your email')
    const link = await linkFor('ada@example.com')

    await test.step('does not sign in another browser', async () => {
      const theirs = await openInAnotherBrowser(page)
      await theirs.goto(link)
      await expect(
        theirs.getByRole('heading', { name: 'This link belongs to another browser' }),
      ).toBeVisible()
      await expectNotSignedIn(theirs)
      await theirs.context().close()
    })

    await page.goto(link)
    await expectSignedIn(page, 'ada@example.com')
    await expectNothingLeftForScripts(page)
  })

  test('a password signs in', async ({ page }) => {
    await page.goto(tab)
    await typeEmail(page, 'ada@example.com')
    const password = page.getByLabel('Password', { exact: true })
    await password.fill('not-hers-at-all')
    await button(page, 'Continue').click()
    await expect.poll(() => count(stytch, 'POST', '/sdk/v1/passwords/authenticate')).toBe(1)
    await expectNotSignedIn(page)
    await password.fill(demoPassword)
    await button(page, 'Continue').click()
    await expectSignedIn(page, 'ada@example.com')
    await expectNothingLeftForScripts(page)
  })

  test('a new user signs up with a password', async ({ page }) => {
    const email = newAddress()
    await page.goto(tab)
    await typeEmail(page, email)
    await page.getByLabel('Password', { exact: true }).fill(goodPassword)
    await button(page, 'Continue').click()
    await expectSignedIn(page, email)
    await expectNothingLeftForScripts(page)
  })

  test('a user replaces a forgotten password', async ({ page }) => {
    await page.goto(tab)
    await typeEmail(page, 'ada@example.com')
    await button(page, 'Forgot your password?').click()
    await expect(main(page)).toContainText('A link to reset your password was sent')
    await page.goto(await resetLinkFor('ada@example.com'))
    await typeNewPassword(page, goodPassword)
    await expectSignedIn(page, 'ada@example.com')
    await expectNothingLeftForScripts(page)
  })

  test('refuses a remembered returnTo that leads to another site', async ({ page }) => {
    await page.goto(loginAt({ tab: 'prebuilt', returnTo: 'https://evil.example/' }))
    await typeEmail(page, 'ada@example.com')
    await button(page, 'Email me a login link').click()
    await expect(main(page)).toContainText('Check your email')
    await page.evaluate(() => {
      for (const key of Object.keys(localStorage))
        if (key.includes('returnTo')) localStorage.setItem(key, 'https://evil.example/')
    })
    await page.goto(await linkFor('ada@example.com'))
    await expectSignedIn(page, 'ada@example.com', '/dashboard')
  })

  test('refuses a session that Stytch does not know', async ({ page, context }) => {
    await page.goto(tab)
    await typeEmail(page, 'ada@example.com')
    // The session is revoked after the SDK's login, before the server verifies it.
    await stytch.setFaults([
      {
        method: 'POST',
        path: '/v1/sessions/authenticate',
        status: 404,
        body: {
          status_code: 404,
          request_id: 'request-id-test-1',
          error_type: 'session_not_found',
          error_message: 'Session could not be found.',
          error_url: 'https://stytch.com/docs/api/errors/404#session_not_found',
        },
      },
    ])
    await page.getByLabel('Password', { exact: true }).fill(demoPassword)
    await button(page, 'Continue').click()
    await expect(problem(page)).toContainText('Sign in again')
    await stytch.clearFaults()
    expect((await stytchCookiesOf(context)).filter(({ httpOnly }) => httpOnly)).toEqual([])
  })

  test('the app loads the SDK on its tab only', async ({ page, context }) => {
    const scripts = new Map<string, string>()
    page.on('response', async (response) => {
      if (response.request().resourceType() === 'script')
        scripts.set(response.url(), await response.text().catch(() => ''))
    })
    await page.goto(tab)
    await expect(button(page, 'Continue with email')).toBeVisible()
    const ofTheSdk = () =>
      [...scripts].filter(([, text]) => text.includes('stytch_sdk_state_')).map(([url]) => url)
    await expect.poll(ofTheSdk).not.toEqual([])
    const chunks = ofTheSdk()

    // The test uses another tab, because the SDK still sends requests when the user leaves its page.
    const other = await context.newPage()
    const requested: string[] = []
    other.on('request', (request) => requested.push(request.url()))
    for (const address of [
      loginAt(),
      loginAt({ with: 'password' }),
      '/authenticate?stytch_token_type=magic_links&token=nobody-made-this-one',
      '/',
    ]) {
      await other.goto(address)
      await scriptsRan(other)
    }
    expect(requested.length).toBeGreaterThan(4)
    expect(requested.filter((url) => chunks.includes(url))).toEqual([])
    expect(requested.filter((url) => url.startsWith(urls.stytch))).toEqual([])
  })

  test('without JavaScript, its tab names another way to sign in', async ({ browser }) => {
    const context = await browser.newContext({ baseURL: urls.app, javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(tab)
    // Playwright does not read the text of a `noscript`.
    const hint = page.locator('noscript')
    await expect(hint).toBeVisible()
    expect(await hint.evaluate((element) => element.textContent)).toContain('needs JavaScript')
    await expect(page.getByRole('status')).toBeHidden()
    await page.getByRole('link', { name: 'Email', exact: true }).click()
    await expect(button(page, 'Email me a code')).toBeVisible()
    await context.close()
  })
})
