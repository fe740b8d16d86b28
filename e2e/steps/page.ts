import { expect, type Page } from '@playwright/test'

/** Parts of the app's pages that many tests look at. */

export const main = (page: Page) => page.getByRole('main')

export const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

/** The problem that a page reports. The search stays in `main`, because Next's route announcer is an alert too. */
export const problem = (page: Page) => main(page).getByRole('alert')

/** The message that the dashboard shows once, after it has carried a session over. */
export const carriedOver = (page: Page) => page.getByText('Your session was migrated to Stytch.')

/** The line of the dashboard that names the provider of the session. */
export const signedInAt = (page: Page) => page.getByText('Identity provider').locator('..')

export const notes = (page: Page) => page.getByRole('list', { name: 'Notes' })

export async function addNote(page: Page, text: string): Promise<void> {
  await page.getByLabel('New note').fill(text)
  await button(page, 'Add note').click()
  await expect(notes(page)).toContainText(text)
}

/**
 * Waits until React has hydrated the page and run its effects. The page has then requested all its scripts. The forms
 * work before that too, as without JavaScript, so only tests of what a script does must wait.
 */
export async function scriptsRan(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const main = document.querySelector('main')
    return main !== null && Object.keys(main).some((key) => key.startsWith('__react'))
  })
  await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)))
}

/** Ends the session by the button of the page. */
export async function signOut(page: Page): Promise<void> {
  await button(page, 'Sign out').click()
  await page.waitForURL('/')
}
