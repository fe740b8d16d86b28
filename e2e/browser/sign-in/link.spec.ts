import { urls } from '../../../sandbox/settings.ts'
import { moveClock } from '../../steps/clock.ts'
import {
  askForLink,
  expectNotSignedIn,
  expectSignedIn,
  linkFor,
  loginAt,
  openInAnotherBrowser,
  openLink,
  typePassword,
  wanted,
} from '../../steps/login.ts'
import { button, main, problem } from '../../steps/page.ts'
import { newAddress } from '../../steps/people.ts'
import { count } from '../../world/stand-in.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from './test.ts'

for (const javaScriptEnabled of [true, false]) {
  test.describe(`a link by email, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
    test.use({ javaScriptEnabled, policy: 'zero-downtime' })

    test('signs in when it is opened from the inbox in the same browser', async ({ page }) => {
      const email = newAddress()
      await askForLink(page, email)
      await page.goto(urls.stytch)
      await page.getByRole('link', { name: `as ${email}` }).click()
      if (!javaScriptEnabled) await button(page, 'Continue').click()
      await expectSignedIn(page, email)
      expect(await stytch.sessionsOf(email)).toBe(1)
    })

    test('does not sign in another browser, says why, and still works in the browser that asked for it', async ({
      page,
    }) => {
      await askForLink(page, 'ada@example.com')
      const link = await linkFor('ada@example.com')
      const theirs = await openInAnotherBrowser(page, javaScriptEnabled)
      await openLink(theirs, link, { javaScriptEnabled })
      await expect(
        theirs.getByRole('heading', { name: 'This link belongs to another browser' }),
      ).toBeVisible()
      await expect(problem(theirs)).toContainText('only in the browser that requested it')
      await expect(theirs.getByRole('link', { name: 'Get a new link' })).toHaveAttribute(
        'href',
        /^\/login\?/,
      )
      await expectNotSignedIn(theirs)
      await theirs.context().close()
      expect(await stytch.sessionsOf('ada@example.com')).toBe(0)

      await openLink(page, link, { javaScriptEnabled })
      await expectSignedIn(page, 'ada@example.com')
    })

    test('works once', async ({ page, context }) => {
      await askForLink(page, 'ada@example.com')
      const link = await linkFor('ada@example.com')
      await openLink(page, link, { javaScriptEnabled })
      await expectSignedIn(page, 'ada@example.com')
      await context.clearCookies()

      await openLink(page, link, { javaScriptEnabled })
      await expect(
        page.getByRole('heading', { name: 'This link was already used or has expired' }),
      ).toBeVisible()
      await expectNotSignedIn(page)
      await page.getByRole('link', { name: 'Get a new link' }).click()
      await expect(button(page, 'Email me a link')).toBeVisible()
    })

    test('works for an hour, and then is reported as expired', async ({ page, context }) => {
      await askForLink(page, 'ada@example.com')
      await moveClock(context, 61 * 60)
      await openLink(page, await linkFor('ada@example.com'), { javaScriptEnabled })
      await expect(
        page.getByRole('heading', { name: 'This link was already used or has expired' }),
      ).toBeVisible()
      await expectNotSignedIn(page)
      // The link to the login keeps the returnTo of the user.
      await expect(page.getByRole('link', { name: 'Get a new link' })).toHaveAttribute(
        'href',
        `/login?${new URLSearchParams({ returnTo: wanted })}`,
      )
    })

    test('cannot be sent while Stytch is down, and the form names the next step and keeps the address', async ({
      page,
    }) => {
      const email = newAddress()
      await page.goto(loginAt())
      await stytch.setFaults([{ path: '/v1/*', drop: true }])
      await page.getByLabel('Email address').fill(email)
      await button(page, 'Email me a link').click()
      await expect(problem(page)).toContainText('does not answer. Try again')
      await expect(page.getByLabel('Email address')).toHaveValue(email)
      await stytch.clearFaults()
      await button(page, 'Email me a link').click()
      await expect(page.getByRole('heading', { name: 'Check your email' })).toBeVisible()
    })
  })
}

test.describe('the page of a link', () => {
  test.use({ policy: 'zero-downtime' })

  for (const [name, query] of [
    ['no parameters', ''],
    ['a type without a token', '?stytch_token_type=magic_links'],
    ['an empty token', '?stytch_token_type=magic_links&token='],
    ['two tokens', '?stytch_token_type=magic_links&token=a&token=b'],
    ['a token without a type', '?token=abc'],
    ['an OAuth token that is empty', '?stytch_token_type=oauth&token='],
    ['a type that this app does not use', '?stytch_token_type=sso&token=abc'],
  ] as const) {
    test(`with ${name} says that the link is incomplete, and does not ask Stytch`, async ({
      page,
    }) => {
      const response = await page.goto(`/authenticate${query}`)
      expect(response?.status()).toBe(200)
      await expect(page.getByRole('heading', { name: 'This link is incomplete' })).toBeVisible()
      await expect(page.getByRole('link', { name: 'Get a new link' })).toBeVisible()
      await expectNotSignedIn(page)
      expect(await count(stytch, 'POST', /^\/v1\//)).toBe(0)
    })
  }

  test('with an OAuth token does not ask Stytch before the click of the user', async ({ page }) => {
    await page.goto('/authenticate?stytch_token_type=oauth&token=of-an-attacker')
    await expect(page.getByRole('heading', { name: 'Sign in with this account?' })).toBeVisible()
    await expectNotSignedIn(page)
    expect(await count(stytch, 'POST', /^\/v1\//)).toBe(0)
  })

  test('with an unknown token says that the link is unknown', async ({ page }) => {
    await page.goto('/authenticate?stytch_token_type=magic_links&token=nobody-made-this-one')
    await expect(page.getByRole('heading', { name: 'This link is unknown' })).toBeVisible()
    await expectNotSignedIn(page)
  })

  test('refuses to tell another site the token of a link (Referer header)', async ({
    page,
    context,
  }) => {
    await page.goto('/authenticate?stytch_token_type=magic_links&token=a-token-of-a-mail')
    await expect(page.getByRole('heading', { name: 'This link is unknown' })).toBeVisible()
    const asked = context.waitForEvent('request', (request) => request.url() === `${urls.stytch}/`)
    await page.getByRole('link', { name: 'Inbox' }).click()
    expect((await asked).isNavigationRequest()).toBe(true)
    await expect(page).toHaveURL(`${urls.stytch}/`)
    expect(await page.evaluate(() => document.referrer)).toBe('')
    expect((await (await asked).allHeaders()).referer).toBeUndefined()
  })

  test('asks a user who is signed in, before a link signs them in as another user', async ({
    page,
    context,
  }) => {
    const other = newAddress()
    await askForLink(page, other)
    const link = await linkFor(other)
    const tab = await context.newPage()
    await typePassword(tab, { email: 'ada@example.com' })
    await expectSignedIn(tab, 'ada@example.com')

    await page.goto(link)
    await expect(page.getByRole('heading', { name: 'Sign in with this link?' })).toBeVisible()
    await expect(main(page)).toContainText('You are signed in as ada@example.com')
    expect(await count(stytch, 'POST', '/v1/magic_links/authenticate')).toBe(0)
    await page.getByRole('link', { name: 'Stay signed in' }).click()
    await expectSignedIn(page, 'ada@example.com', '/dashboard')
  })
})
