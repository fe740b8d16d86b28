import { moveClock } from '../../steps/clock.ts'
import {
  askForReset,
  expectNotSignedIn,
  expectSignedIn,
  goodPassword,
  openInAnotherBrowser,
  resetLinkFor,
  typeNewPassword,
  typePassword,
} from '../../steps/login.ts'
import { main, problem } from '../../steps/page.ts'
import { newAddress } from '../../steps/people.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from './test.ts'

for (const javaScriptEnabled of [true, false]) {
  test.describe(`a forgotten password, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
    test.use({ javaScriptEnabled, policy: 'zero-downtime' })

    test('is replaced by a new one, which signs in, and the old one no longer works', async ({
      page,
      context,
    }) => {
      await askForReset(page, 'ada@example.com')
      await page.goto(await resetLinkFor('ada@example.com'))
      await typeNewPassword(page, 'password1')
      await expect(problem(page)).toContainText('too easy to guess')
      expect(await page.content()).not.toContain('password1')
      await typeNewPassword(page, goodPassword)
      await expectSignedIn(page, 'ada@example.com')

      await context.clearCookies()
      await typePassword(page, { email: 'ada@example.com' })
      await expect(problem(page)).toContainText('wrong')
      await typePassword(page, { email: 'ada@example.com', password: goodPassword })
      await expectSignedIn(page, 'ada@example.com')
    })

    test('has a reset link that works once', async ({ page, context }) => {
      await askForReset(page, 'ada@example.com')
      const link = await resetLinkFor('ada@example.com')
      await page.goto(link)
      await typeNewPassword(page, goodPassword)
      await expectSignedIn(page, 'ada@example.com')
      await context.clearCookies()
      await page.goto(link)
      await typeNewPassword(page, 'another basalt orrery quince')
      await expect(problem(page)).toContainText('already used or has expired')
      await expect(page.getByRole('link', { name: 'Request a new reset link' })).toBeVisible()
      await expectNotSignedIn(page)
    })

    test('has a reset link that works for the hour that the page promises', async ({
      page,
      context,
    }) => {
      await askForReset(page, 'ada@example.com')
      await expect(main(page)).toContainText('within one hour')
      await moveClock(context, 50 * 60)
      await page.goto(await resetLinkFor('ada@example.com'))
      await typeNewPassword(page, goodPassword)
      await expectSignedIn(page, 'ada@example.com')
    })

    test('refuses to be replaced from another browser', async ({ page }) => {
      await askForReset(page, 'ada@example.com')
      const theirs = await openInAnotherBrowser(page, javaScriptEnabled)
      await theirs.goto(await resetLinkFor('ada@example.com'))
      await typeNewPassword(theirs, goodPassword)
      await expect(problem(theirs)).toContainText('only in the browser that requested it')
      await expectNotSignedIn(theirs)
      await theirs.context().close()
      await typePassword(page, { email: 'ada@example.com' })
      await expectSignedIn(page, 'ada@example.com')
    })

    test('of an address without an account gets the same answer', async ({ page }) => {
      await askForReset(page, newAddress())
      await expect(problem(page)).toHaveCount(0)
      expect(await stytch.inbox()).toEqual([])
    })
  })
}
