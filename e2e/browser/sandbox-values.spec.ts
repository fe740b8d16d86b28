import type { Page } from '@playwright/test'
import { urls } from '../../sandbox/settings.ts'
import { button, problem } from '../steps/page.ts'
import { expect, test } from '../world/test.ts'

/*
 * The sandbox values that Stytch documents for its test environment, typed into the real pages.
 * https://stytch.com/docs/guides/testing/sandbox-values
 *
 * Two ways to run it:
 * - against the stand-in, as part of all tests;
 * - `npm run test:stytch`, against Stytch itself, with the keys of a test project in `.env-test`. See
 *   e2e/world/real-stytch.ts.
 *
 * We have not run the second way, because we had no keys and no internet. These tests expect the documented answers.
 * The documentation leaves some answers open. For those, the stand-in follows the "Guesses" in sandbox/README.md.
 * The least certain guess is that the app can verify the session of a sandbox value like any other.
 * If Stytch answers differently, change the stand-in and its guess.
 */

test.use({ policy: 'zero-downtime' })

const sandbox = {
  email: 'sandbox@stytch.com',
  code: '000000',
  link: {
    success: 'DOYoip3rvIMMW5lgItikFK-Ak1CfMsgjuiCyI7uuU94=',
    unableToAuth: '3pzjQpgksDlGKWEwUq2Up--hCHC_0oamfLHyfspKDFU=',
    notFound: 'CprTtwhnRNiMBiUS2jSLcWYrfuO2POeBNdo5HhW6qTM=',
  },
}

async function expectSignedIn(page: Page): Promise<void> {
  await expect(page).toHaveURL('/dashboard')
  const response = await page.request.get('/api/me')
  expect(response.status()).toBe(200)
  expect((await response.json()).session.lane).toBe('stytch')
  const cookies = await page.context().cookies(urls.app)
  for (const name of ['stytch_session', 'stytch_session_jwt'])
    expect(cookies.find((cookie) => cookie.name === name)).toMatchObject({
      httpOnly: true,
      sameSite: 'Lax',
    })
  expect(await page.evaluate(() => document.cookie)).not.toContain('stytch')
}

async function expectNotSignedIn(page: Page): Promise<void> {
  expect((await page.request.get('/api/me')).status()).toBe(401)
}

const openLink = (page: Page, token: string) =>
  page.goto(`/authenticate?${new URLSearchParams({ stytch_token_type: 'magic_links', token })}`)

async function askForCode(page: Page): Promise<void> {
  await page.goto('/login')
  await page.getByLabel('Email address').fill(sandbox.email)
  await button(page, 'Email me a code').click()
  await expect(page.getByRole('heading', { name: 'Enter the code' })).toBeVisible()
}

async function enterCode(page: Page, code: string): Promise<void> {
  await page.getByLabel('Six-digit code').fill(code)
  await button(page, 'Sign in').click()
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(`${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
    test.use({ javaScriptEnabled })

    const followLink = async (page: Page, token: string) => {
      await openLink(page, token)
      if (!javaScriptEnabled) await button(page, 'Continue').click()
    }

    test('sandbox@stytch.com signs in with the code 000000', async ({ page }) => {
      await askForCode(page)
      await enterCode(page, sandbox.code)
      await expectSignedIn(page)
    })

    test('sandbox@stytch.com does not sign in with another code', async ({ page }) => {
      await askForCode(page)
      await enterCode(page, '123456')
      await expect(problem(page)).toContainText('code is wrong')
      await expectNotSignedIn(page)
    })

    test('the link token of success signs in', async ({ page }) => {
      await followLink(page, sandbox.link.success)
      await expectSignedIn(page)
    })

    test('the link token of unable_to_auth_magic_link says that the link was used or has expired', async ({
      page,
    }) => {
      await followLink(page, sandbox.link.unableToAuth)
      await expect(
        page.getByRole('heading', { name: 'This link was already used or has expired' }),
      ).toBeVisible()
      await expect(page.getByRole('link', { name: 'Get a new link' })).toBeVisible()
      await expectNotSignedIn(page)
    })

    test('the link token of magic_link_not_found says that the link is unknown', async ({
      page,
    }) => {
      await followLink(page, sandbox.link.notFound)
      await expect(page.getByRole('heading', { name: 'This link is unknown' })).toBeVisible()
      await expect(page.getByRole('link', { name: 'Get a new link' })).toBeVisible()
      await expectNotSignedIn(page)
    })

    for (const [what, address, submit] of [
      ['signs in', '/login?with=password', 'Sign in'],
      ['signs up', '/login?with=signup', 'Create account'],
    ] as const) {
      test(`sandbox@stytch.com ${what} with any password`, async ({ page }) => {
        await page.goto(address)
        await page.getByLabel('Email address').fill(sandbox.email)
        await page.getByLabel('Password', { exact: true }).fill('plover basalt orrery quince')
        await button(page, submit).click()
        await expectSignedIn(page)
      })
    }

    test('the login page sends a link to sandbox@stytch.com', async ({ page }) => {
      await page.goto('/login')
      await page.getByLabel('Email address').fill(sandbox.email)
      await button(page, 'Email me a link').click()
      await expect(page.getByRole('heading', { name: 'Check your email' })).toBeVisible()
      // Stytch accepts the documented token, although this browser's challenge has no part in it.
      await followLink(page, sandbox.link.success)
      await expectSignedIn(page)
    })
  })
}
