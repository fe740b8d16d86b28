import type { Page } from '@playwright/test'
import { expectAccessible } from '../steps/accessible.ts'
import { haveLegacySession } from '../steps/legacy-session.ts'
import { ask } from '../steps/request.ts'
import { expect, test } from '../world/test.ts'

/** The pages that show the source of a screen. */

const ada = 'ada@example.com'

const footer = (page: Page) => page.getByRole('navigation', { name: 'Source of this page' })

test('each screen links to its source, and everybody can read it', async ({ page, context }) => {
  const named = new Set<string>()
  for (const [address, file] of [
    ['/', 'app/(cutover)/page.tsx'],
    ['/login', 'app/(consumer)/login/page.tsx'],
    ['/authenticate', 'app/(consumer)/authenticate/page.tsx'],
    ['/dashboard', 'app/(consumer)/dashboard/page.tsx'],
    ['/control', 'app/(cutover)/control/page.tsx'],
    ['/control/policy', 'app/(cutover)/control/policy/page.tsx'],
    ['/control/history', 'app/(cutover)/control/history/page.tsx'],
    ['/control/mirror', 'app/(cutover)/control/mirror/page.tsx'],
    ['/control/backfill', 'app/(cutover)/control/backfill/page.tsx'],
    ['/control/switch-off', 'app/(cutover)/control/switch-off/page.tsx'],
  ] as const) {
    if (address === '/dashboard') await haveLegacySession(context, ada)
    await page.goto(address)
    const links = footer(page).getByRole('link')
    await expect(links.first()).toHaveText(file)
    for (const link of await links.all()) named.add((await link.getAttribute('href')) ?? '')
  }
  expect(named.size).toBeGreaterThan(15)
  for (const address of named) {
    const answer = await ask(address)
    expect(answer.status, address).toBe(200)
    expect(answer.sessionCookies).toEqual([])
  }
})

test('a source has line numbers that a copy leaves out, and shows markup as text', async ({
  page,
}) => {
  await page.goto('/')
  await footer(page).getByRole('link', { name: 'app/(cutover)/page.tsx' }).click()
  await expect(page).toHaveURL('/source/app/(cutover)/page.tsx')
  const text = page.getByRole('region', { name: 'Text of app/(cutover)/page.tsx' })
  await expect(text).toContainText('<PageShell current="home">')
  expect(await text.textContent()).toMatch(/^import /)
  await page.goto('/source/app/(cutover)/page.tsx#L10')
  await expect(page.locator('#L10')).toBeInViewport()
  await expectAccessible(page)
})
