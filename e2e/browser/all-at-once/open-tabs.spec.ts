import { demoPassword } from '../../../sandbox/settings.ts'
import { explained, here, loginFrom, ways } from '../../steps/all-at-once.ts'
import { moveClock } from '../../steps/clock.ts'
import { haveLegacySession } from '../../steps/legacy-session.ts'
import { me } from '../../steps/me.ts'
import { addNote, button, main, notes, scriptsRan } from '../../steps/page.ts'
import { newAddress } from '../../steps/people.ts'
import { putPolicy } from '../../world/policy.ts'
import { expect, test } from '../../world/test.ts'

/** A user was in the middle of a task when the policy changed. */

test('a user with both sessions notices nothing', async ({ page, context }) => {
  await haveLegacySession(context, 'ada@example.com')
  await putPolicy('zero-downtime')
  await page.goto('/dashboard')
  await expect(page.getByText('Your session was migrated to Stytch.')).toBeVisible()
  const before = (await me(context)).body
  const cookies = (await context.cookies()).filter(({ name }) => name !== 'auth_flow')

  await putPolicy('all-at-once')
  const response = await page.reload()
  expect(response?.status()).toBe(200)
  expect(response?.headers()).toMatchObject({ 'x-auth-lane': 'stytch' })
  await expect(page).toHaveURL('/dashboard')
  expect((await me(context)).body.user).toEqual(before.user)
  expect((await context.cookies()).filter(({ name }) => name !== 'auth_flow')).toEqual(cookies)

  await test.step('also after the JWT has expired', async () => {
    await moveClock(context, 20 * 60)
    const later = await page.reload()
    expect(later?.status()).toBe(200)
    expect(later?.headers()).toMatchObject({ 'x-auth-lane': 'stytch' })
    expect((await me(context)).body.user).toEqual(before.user)
  })
})

test('a note that a user was writing in an open tab is kept', async ({ page, context }) => {
  const text = 'A long thought, with “quotes” and a line of 漢字'
  await haveLegacySession(context, 'ada@example.com')
  await page.goto(here)
  await scriptsRan(page)
  await putPolicy('all-at-once')
  await page.getByLabel('New note').fill(text)
  await button(page, 'Add note').click()
  await expect(page).toHaveURL(loginFrom(here))
  await expect(explained(page)).toBeVisible()

  await ways['a code by email'](page, 'ada@example.com')
  await expect(page).toHaveURL(here)
  await expect(page.getByLabel('New note')).toHaveValue(text)
  await expect(page.getByRole('status').filter({ hasText: 'was not saved' })).toBeVisible()
  await button(page, 'Add note').click()
  await expect(notes(page)).toContainText(text)
  await expect(page.getByLabel('New note')).toHaveValue('')
  await expect(page.getByText('was not saved')).toHaveCount(0)
  // The page does not restore a draft that the user has saved as a note.
  await page.reload()
  await expect(notes(page).getByRole('listitem')).toHaveCount(1)
  await expect(page.getByLabel('New note')).toHaveValue('')
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0)
})

test('refuses to show that note to another user who signs in in that tab', async ({
  page,
  context,
}) => {
  await haveLegacySession(context, 'ada@example.com')
  await page.goto('/dashboard')
  await scriptsRan(page)
  await putPolicy('all-at-once')
  await page.getByLabel('New note').fill('For my eyes only')
  await button(page, 'Add note').click()
  await expect(explained(page)).toBeVisible()
  await ways['a code by email'](page, newAddress())
  await page.waitForURL('/dashboard')
  await expect(main(page)).toContainText('No notes yet')
  await expect(page.getByLabel('New note')).toHaveValue('')
})

test('a note that a user wanted to delete in an open tab stays', async ({ page, context }) => {
  await haveLegacySession(context, 'ada@example.com')
  await page.goto(here)
  await addNote(page, 'Still here')
  await putPolicy('all-at-once')
  await button(page, 'Delete note: Still here').click()
  await expect(page).toHaveURL(loginFrom(here))
  await ways['the password that was imported'](page, 'ada@example.com')
  await expect(notes(page)).toContainText('Still here')
})

test('the app leads a user in the middle of the legacy login to the Stytch login, with the explanation', async ({
  page,
  context,
}) => {
  await page.goto(here)
  await page.getByRole('link', { name: 'Continue to sign in' }).click()
  await page.getByLabel('Email address').fill('ada@example.com')
  await page.getByLabel('Password', { exact: true }).fill(demoPassword)
  await putPolicy('all-at-once')
  await button(page, 'Continue').click()
  await expect(page).toHaveURL(loginFrom(here))
  await expect(explained(page)).toBeVisible()
  await ways['the password that was imported'](page, 'ada@example.com')
  await expect(page).toHaveURL(here)
  expect((await me(context)).body.session.lane).toBe('stytch')
})
