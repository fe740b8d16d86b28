import type { BrowserContext, Page } from '@playwright/test'
import { Client, StytchError } from 'stytch'
import { urls } from '../../sandbox/settings.ts'
import { client } from '../../sandbox/stytch/fixture.ts'
import { button, problem } from '../steps/page.ts'
import { isRealStytch, realStytch } from '../world/real-stytch.ts'
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
  phone: '+10000000000',
  code: '000000',
  link: {
    success: 'DOYoip3rvIMMW5lgItikFK-Ak1CfMsgjuiCyI7uuU94=',
    unableToAuth: '3pzjQpgksDlGKWEwUq2Up--hCHC_0oamfLHyfspKDFU=',
    notFound: 'CprTtwhnRNiMBiUS2jSLcWYrfuO2POeBNdo5HhW6qTM=',
  },
  oauth: {
    success: 'hdPVZHHX0UoRa7hJTuuPHi1vlddffSnoweRbVFf5-H8g',
    notFound: '59cnLELtq5cFVS6uYK9f-pAWzBkhqZl8AvLhbhOvKNWw',
  },
  session: {
    success: 'WJtR5BCy38Szd5AfoDpf0iqFKEt4EE5JhjlWUY7l3FtY',
    notFound: '59cnLELtq5cFVS6uYK9f-pAWzBkhqZl8AvLhbhOvKNWw',
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

const openLink = (page: Page, token: string, type: 'magic_links' | 'oauth' = 'magic_links') =>
  page.goto(`/authenticate?${new URLSearchParams({ stytch_token_type: type, token })}`)

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

    test('the OAuth token of success signs in after a click', async ({ page }) => {
      await openLink(page, sandbox.oauth.success, 'oauth')
      await expectNotSignedIn(page)
      await button(page, 'Continue').click()
      await expectSignedIn(page)
    })

    test('the OAuth token of oauth_token_not_found does not sign in, and the page says why', async ({
      page,
    }) => {
      await openLink(page, sandbox.oauth.notFound, 'oauth')
      await button(page, 'Continue').click()
      await expect(problem(page)).toContainText('has expired, or was already completed')
      await expect(page.getByRole('link', { name: 'Sign in again' })).toBeVisible()
      await expectNotSignedIn(page)
    })

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

const haveToken = (context: BrowserContext, value: string) =>
  context.addCookies([{ name: 'stytch_session', value, url: urls.app, httpOnly: true }])

test('the session token of success is a session, and the app gets a JWT for it', async ({
  page,
  context,
}) => {
  await haveToken(context, sandbox.session.success)
  await page.goto('/dashboard')
  await expectSignedIn(page)
  const cookies = await context.cookies(urls.app)
  expect(cookies.find(({ name }) => name === 'stytch_session')?.value).toBe(sandbox.session.success)
})

test('the session token of session_not_found is refused, and its cookie is deleted', async ({
  page,
  context,
}) => {
  await haveToken(context, sandbox.session.notFound)
  await page.goto('/dashboard')
  await expect(page).toHaveURL(/\/login\?.*reason=session_ended/)
  await expect(page.getByText('Your session has ended')).toBeVisible()
  expect((await context.cookies(urls.app)).map(({ name }) => name)).not.toContain('stytch_session')
})

/** The app sends no invitation and has no login by phone, so these values go through the SDK alone. */
test.describe('through the SDK', () => {
  const real = realStytch()
  const sdk = isRealStytch
    ? new Client({
        project_id: real.STYTCH_PROJECT_ID as string,
        secret: real.STYTCH_SECRET as string,
      })
    : client(urls.stytch)

  test('sandbox@stytch.com is invited, and the invitation is revoked', async () => {
    const { email } = sandbox
    const invited = await sdk.magicLinks.email.invite({ email })
    expect(invited).toMatchObject({
      status_code: 200,
      user_id: expect.stringMatching(/^user-test-/),
    })
    const revoked = await sdk.magicLinks.email.revokeInvite({ email })
    expect(revoked).toMatchObject({ status_code: 200 })
  })

  for (const channel of ['sms', 'whatsapp'] as const) {
    test(`+10000000000 signs in with the code 000000 by ${channel}, and with no other`, async () => {
      const { phone_id } = await sdk.otps[channel].loginOrCreate({ phone_number: sandbox.phone })
      const authenticate = (code: string) =>
        sdk.otps.authenticate({ method_id: phone_id, code, session_duration_minutes: 5 })
      const { session_jwt } = await authenticate(sandbox.code)
      const session = await sdk.sessions.authenticateJwtLocal({ session_jwt })
      expect(session.authentication_factors[0]?.type).toBe('otp')
      const refused = await authenticate('123456').catch((error: unknown) => error)
      expect(refused).toBeInstanceOf(StytchError)
    })
  }
})
