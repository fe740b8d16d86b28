import type { Browser, Page } from '@playwright/test'
import { urls } from '../../../sandbox/settings.ts'
import { haveLegacySession, legacyCookiesOf } from '../../steps/legacy-session.ts'
import {
  askForCode,
  codeFor,
  enterCode,
  expectSignedIn,
  goodPassword,
  loginAt,
  typePassword,
  wanted,
} from '../../steps/login.ts'
import { me } from '../../steps/me.ts'
import { main, signOut } from '../../steps/page.ts'
import { newAddress } from '../../steps/people.ts'
import { database } from '../../world/database.ts'
import { putPolicy } from '../../world/policy.ts'
import { count } from '../../world/stand-in.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from './test.ts'

for (const [lane, policy] of [
  ['legacy', 'before-the-migration'],
  ['stytch', 'zero-downtime'],
] as const) {
  test.describe(`a user who is signed in on the ${lane} lane`, () => {
    test.use({ policy })

    test('is offered to continue on the login page', async ({ page, context }) => {
      if (lane === 'legacy') await haveLegacySession(context, 'ada@example.com')
      else {
        await typePassword(page, { email: 'ada@example.com' })
        await expectSignedIn(page, 'ada@example.com')
      }
      const response = await page.goto(loginAt())
      expect(response?.status()).toBe(200)
      await expect(page.getByRole('heading', { name: 'You are signed in' })).toBeVisible()
      await expect(main(page)).toContainText('You are signed in as ada@example.com')
      await expect(page.getByRole('textbox')).toHaveCount(0)
      await page.getByRole('link', { name: 'Continue', exact: true }).click()
      await expect(page).toHaveURL(wanted)
      expect((await me(context)).body.session.lane).toBe(lane)
    })
  })
}

/** The app user on the legacy lane for a legacy session with this address. */
async function userOnLegacy(browser: Browser, email: string) {
  const legacy = await browser.newContext({ baseURL: urls.app })
  await haveLegacySession(legacy, email)
  const { user, session } = (await me(legacy)).body
  expect(session.lane).toBe('legacy')
  await legacy.close()
  return user
}

test.describe('a user who had a legacy session elsewhere', () => {
  test.use({ policy: 'zero-downtime' })

  for (const way of ['password', 'code'] as const) {
    test(`keeps the account: Ada, who was imported, signs in at Stytch by ${way}`, async ({
      page,
      context,
      browser,
    }) => {
      const before = await userOnLegacy(browser, 'ada@example.com')
      if (way === 'password') await typePassword(page, { email: 'ada@example.com' })
      else {
        await askForCode(page, 'ada@example.com')
        await enterCode(page, await codeFor('ada@example.com'))
      }
      await expectSignedIn(page, 'ada@example.com')
      expect((await me(context)).body.user).toEqual(before)
      expect(await count(stytch, 'POST', '/v1/sessions/migrate')).toBe(0)
    })
  }

  test('keeps the account: Grace, who was not imported, proves her address by a code', async ({
    page,
    context,
    browser,
  }) => {
    // Earlier tests left other Stytch users with this address. The app never joins two subjects of one issuer.
    await database.query(
      "delete from identities where issuer like 'stytch.com/%' and email = 'grace@example.com'",
    )
    const before = await userOnLegacy(browser, 'grace@example.com')
    await askForCode(page, 'grace@example.com')
    await enterCode(page, await codeFor('grace@example.com'))
    await expectSignedIn(page, 'grace@example.com')
    expect((await me(context)).body.user).toEqual(before)
  })

  test('refuses the account to a user who signs up at Stytch with the address and does not verify it', async ({
    page,
    context,
    browser,
  }) => {
    const grace = await userOnLegacy(browser, 'grace@example.com')
    await typePassword(page, { email: 'grace@example.com', password: goodPassword, as: 'signup' })
    await expect(page).toHaveURL(wanted)
    const stranger = (await me(context)).body.user
    expect(stranger.id).toBeTruthy()
    expect(stranger.id).not.toBe(grace.id)
  })
})

test.describe('a user who signs in at Stytch in a browser with a legacy session', () => {
  test.describe('that the policy no longer accepts', () => {
    test.use({ policy: 'all-at-once' })

    async function openLogin(page: Page): Promise<void> {
      await page.goto(wanted)
      await expect(main(page)).toContainText('Sign-in has changed')
    }

    test('of another user: the app removes those cookies', async ({ page, context }) => {
      await haveLegacySession(context, 'ada@example.com')
      await openLogin(page)
      const email = newAddress()
      await askForCode(page, email, page.url())
      expect(await legacyCookiesOf(context)).not.toEqual([])
      await enterCode(page, await codeFor(email))
      await expectSignedIn(page, email)
      expect(await legacyCookiesOf(context)).toEqual([])

      // If the app kept those cookies, the sign-out would leave Ada signed in under this policy.
      await putPolicy('zero-downtime')
      await signOut(page)
      expect((await me(context)).status).toBe(401)
    })

    test('of their own: the app keeps those cookies, dormant', async ({ page, context }) => {
      await haveLegacySession(context, 'ada@example.com')
      const before = await legacyCookiesOf(context)
      await openLogin(page)
      await typePassword(page, { email: 'ada@example.com' })
      await expectSignedIn(page, 'ada@example.com')
      expect(await legacyCookiesOf(context)).toEqual(before)
    })
  })

  test.describe('that came after the login page was opened', () => {
    test.use({ policy: 'zero-downtime' })

    test('of another user: the app removes those cookies, too', async ({ page, context }) => {
      const email = newAddress()
      await askForCode(page, email)
      await haveLegacySession(context, 'ada@example.com')
      expect((await me(context)).body.user.email).toBe('ada@example.com')
      await enterCode(page, await codeFor(email))
      await expectSignedIn(page, email)
      expect(await legacyCookiesOf(context)).toEqual([])
    })
  })
})
