import { expect, type Page } from '@playwright/test'
import { button, main } from './page.ts'

/** One of the two dials of the policy's form. */
export const choice = (page: Page, name: string) =>
  page.getByRole('radio', { name: new RegExp(`^${name}`) })

/** Confirms the policy of a preview, and waits until it is in force. */
export async function confirm(page: Page, name = 'Apply policy'): Promise<void> {
  await button(page, name).click()
  await expect(main(page).getByRole('status')).toContainText('is the policy in force')
}
