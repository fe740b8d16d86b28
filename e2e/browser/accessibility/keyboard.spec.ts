import type { Locator, Page } from '@playwright/test'
import { codeFor } from '../../steps/login.ts'
import { me } from '../../steps/me.ts'
import { addNote, button, main, scriptsRan } from '../../steps/page.ts'
import { signInAtLegacy } from '../../steps/sign-in-at-legacy.ts'
import { putPolicy } from '../../world/policy.ts'
import { expect, test } from '../../world/test.ts'
import { heading } from './state.ts'

/** A user can do every task by keyboard, and with a screen reader. */

const ada = 'ada@example.com'

/** The focused element must be fully visible, and no other element may cover it. */
async function expectFocusVisible(page: Page): Promise<void> {
  const focus = await page.evaluate(() => {
    const element = document.activeElement
    if (!element || element === document.body) return null
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element)
    const { left, top, right, bottom, width, height } = element.getBoundingClientRect()
    const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2)
    return {
      what: element.outerHTML.slice(0, 120),
      isOutlined:
        (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2) || boxShadow !== 'none',
      isInView:
        width > 1 &&
        height > 1 &&
        left >= 0 &&
        right <= innerWidth &&
        // An element that is taller than half the window may be visible in part.
        (height > innerHeight * 0.5 || (top >= 0 && bottom <= innerHeight)),
      isUncovered: hit !== null && (element.contains(hit) || hit.contains(element)),
      hit: hit?.outerHTML.slice(0, 120),
    }
  })
  expect(focus, `the focus, on ${focus?.what}`).toMatchObject({
    isOutlined: true,
    isInView: true,
    isUncovered: true,
  })
}

/** Presses Tab until the focus is there. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible()
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab')
    // After the last element, Tab moves the focus to the browser itself.
    if (await page.evaluate(() => document.activeElement === document.body)) continue
    await expectFocusVisible(page)
    if (await target.evaluate((element) => element === document.activeElement)) return
  }
  throw new Error(`Tab never reached ${target}.`)
}

test.describe('with the Stytch login', () => {
  test.use({ policy: 'zero-downtime' })

  for (const width of [1280, 360]) {
    test(`by keyboard, a user signs in, writes a note, opens the inspector and signs out, at ${width} px`, async ({
      page,
      context,
    }) => {
      await page.setViewportSize({ width, height: 740 })
      await page.emulateMedia({ reducedMotion: 'reduce' })
      await page.goto('/')
      await tabTo(page, page.getByRole('link', { name: 'Skip to content' }))
      await page.keyboard.press('Enter')
      await expect(main(page)).toBeFocused()

      await page.goto('/dashboard')
      await tabTo(page, page.getByLabel('Email address'))
      await page.keyboard.type(ada)
      await page.keyboard.press('Enter')
      await heading(page, 'Enter the code')
      await expect(page.getByLabel('Six-digit code')).toBeFocused()
      await page.keyboard.type(await codeFor(ada))
      await page.keyboard.press('Enter')
      await expect(page).toHaveURL('/dashboard')

      await scriptsRan(page)
      await tabTo(page, page.getByLabel('New note'))
      await page.keyboard.type('Written without a mouse')
      await page.keyboard.press('Enter')
      await expect(page.getByRole('list', { name: 'Notes' })).toContainText(
        'Written without a mouse',
      )
      await expectFocusVisible(page)

      await tabTo(page, page.locator('summary'))
      await page.keyboard.press('Enter')
      const trace = page.getByRole('region', { name: 'Trace' })
      await expect(trace).toBeVisible()
      await tabTo(page, trace)

      // With the inspector open, nothing behind it may get the focus.
      await tabTo(page, page.getByRole('button', { name: /^Delete note/ }))
      await page.keyboard.press('Enter')
      await expect(main(page)).toContainText('No notes yet')

      await tabTo(page, button(page, 'Sign out'))
      await page.keyboard.press('Enter')
      await expect(page).toHaveURL('/')
      expect((await me(context)).status).toBe(401)
    })
  }

  test('a problem is announced, and its field names it', async ({ page }) => {
    await page.goto('/login?with=password')
    await page.getByLabel('Email address').fill(ada)
    await page.getByLabel('Password', { exact: true }).fill('not-hers-at-all')
    await page.keyboard.press('Enter')
    const problem = main(page).getByRole('alert')
    await expect(problem).toContainText('wrong')
    await expect(page.getByLabel('Email address')).toHaveAccessibleDescription(/wrong/)
  })
})

test('a screen reader announces the migration and a new note', async ({ page }) => {
  await signInAtLegacy(page, ada)
  await putPolicy('zero-downtime')
  await page.reload()
  await expect(
    page.getByRole('status').filter({ hasText: 'Your session was migrated to Stytch.' }),
  ).toBeVisible()
  await scriptsRan(page)
  await addNote(page, 'Heard')
  await expect(page.getByRole('status').filter({ hasText: 'Note added.' })).toHaveCount(1)
})
