import type { BrowserContext, Page } from '@playwright/test'
import { moveClock } from '../steps/clock.ts'
import { haveLegacySession } from '../steps/legacy-session.ts'
import { me } from '../steps/me.ts'
import { addNote, carriedOver, notes, signOut } from '../steps/page.ts'
import { putPolicy } from '../world/policy.ts'
import { stytch } from '../world/stytch.ts'
import { expect, test } from './test.ts'

/** After a rollback, the dormant legacy session of a user who was carried over. */

const forward = 'zero-downtime'
const back = 'before-the-migration'

async function carriedBack(page: Page, context: BrowserContext) {
  await haveLegacySession(context, 'ada@example.com')
  await page.goto('/dashboard')
  await addNote(page, 'Still mine')
  const { user } = (await me(context)).body
  await putPolicy(forward)
  await page.reload()
  await expect(carriedOver(page)).toBeVisible()
  await putPolicy(back)
  return user
}
async function expectOnLegacy(page: Page, context: BrowserContext, user: unknown) {
  const response = await page.goto('/dashboard')
  expect(response?.status()).toBe(200)
  expect(response?.headers()).toMatchObject({ 'x-auth-lane': 'legacy' })
  await expect(page).toHaveURL('/dashboard')
  await expect(notes(page)).toContainText('Still mine')
  expect((await me(context)).body).toMatchObject({ user, session: { lane: 'legacy' } })
}

test('the dormant session serves the user while Stytch is down', async ({ page, context }) => {
  const user = await carriedBack(page, context)
  // The JWT has expired, and Stytch does not answer.
  await moveClock(context, 20 * 60)
  await stytch.setFaults([{ path: '/*', drop: true }])
  try {
    await expectOnLegacy(page, context, user)
    await addNote(page, 'Written without Stytch')
  } finally {
    await stytch.clearFaults()
  }
  // The Stytch session works again when Stytch answers again.
  await expect(async () => {
    const response = await page.goto('/dashboard')
    expect(response?.headers()).toMatchObject({ 'x-auth-lane': 'stytch' })
  }).toPass()
  await expect(notes(page)).toContainText('Written without Stytch')
  expect((await me(context)).body.user).toEqual(user)
})

test('the dormant session serves the user when the Stytch cookies are lost', async ({
  page,
  context,
}) => {
  const user = await carriedBack(page, context)
  await context.clearCookies({ name: /^stytch_/ })
  await expectOnLegacy(page, context, user)
})

test('refuses the dormant session after a sign-out', async ({ page, context }) => {
  await carriedBack(page, context)
  const copy = (await context.cookies()).filter(({ name }) => name.startsWith('__session'))
  await page.goto('/dashboard')
  await signOut(page)
  await context.addCookies(copy)
  await page.goto('/dashboard')
  await expect(page).toHaveURL(/^[^?]*\/login\?/)
  expect((await me(context)).status).toBe(401)
})
