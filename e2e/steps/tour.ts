import { type BrowserContext, expect, type Page } from '@playwright/test'

/** The tour of the home page. */

export const tourNames = [
  'before',
  'zero-downtime',
  'all-at-once',
  'rolling',
  'teams',
  'rollback',
] as const
export type TourName = (typeof tourNames)[number]

export const state = (page: Page) => page.getByRole('region', { name: 'Your session' })
export const seen = (page: Page) =>
  page.getByRole('list', { name: 'Latest requests, newest first' })
export const fact = (page: Page, name: string) =>
  state(page).getByText(name, { exact: true }).locator('xpath=following-sibling::dd')
export const steps = (page: Page) =>
  page.getByRole('listitem').filter({ has: page.getByRole('heading', { level: 4 }) })

/** Opens the tour in a tab that no test reloads. The tour refreshes itself. */
export async function openTour(context: BrowserContext, tour: TourName): Promise<Page> {
  const page = await context.newPage()
  await page.goto(`/?tour=${tour}#tour`)
  return page
}

/** The steps that the tour marks as done, and the next one. */
export async function expectDone(tour: Page, done: number, of: number): Promise<void> {
  const text = done === of ? 'All steps done' : `${done} of ${of} done`
  await expect(tour.getByRole('status').filter({ hasText: /done$/ })).toHaveText(text)
  await expect(steps(tour)).toHaveCount(of)
  await expect(tour.getByText('Done', { exact: true })).toHaveCount(done)
  await expect(tour.getByText('Next', { exact: true })).toHaveCount(done === of ? 0 : 1)
}
