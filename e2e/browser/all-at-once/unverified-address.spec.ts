import type { Page } from '@playwright/test'
import { ways } from '../../steps/all-at-once.ts'
import { legacyCookiesOf } from '../../steps/legacy-session.ts'
import { goodPassword, openInAnotherBrowser, typePassword } from '../../steps/login.ts'
import { me } from '../../steps/me.ts'
import { addNote, button, main, notes } from '../../steps/page.ts'
import { newAddress, newUnverifiedLegacyUser } from '../../steps/people.ts'
import { signInAtLegacy } from '../../steps/sign-in-at-legacy.ts'
import { putPolicy } from '../../world/policy.ts'
import { expect, test } from '../../world/test.ts'

/** A sign-in at Stytch must not open a legacy account with the same, unverified address. */

/** Signs in, at the legacy provider, a user with an unverified address. The user writes a note. */
async function unverifiedUserSignedIn(page: Page) {
  const email = await newUnverifiedLegacyUser()
  await signInAtLegacy(page, email)
  await addNote(page, 'Not for strangers')
  const { user } = (await me(page.context())).body
  await putPolicy('all-at-once')
  return { email, user }
}

test('refuses the account to a verified address beside a legacy session that an attacker may have planted', async ({
  page,
  context,
}) => {
  const { email, user } = await unverifiedUserSignedIn(page)
  await page.goto('/login')
  await ways['a code by email'](page, email)
  await page.waitForURL('/dashboard')
  await expect(main(page)).toContainText('No notes yet')
  expect((await me(context)).body.user.id).not.toBe(user.id)
  expect(await legacyCookiesOf(context)).toEqual([])

  await test.step('the account is still there at the legacy provider', async () => {
    await putPolicy('before-the-migration')
    const device = await openInAnotherBrowser(page)
    await signInAtLegacy(device, email)
    await expect(notes(device)).toContainText('Not for strangers')
    expect((await me(device.context())).body.user).toEqual(user)
    await device.context().close()
  })
})

test('refuses the account to a verified address on another device', async ({ page }) => {
  const { email, user } = await unverifiedUserSignedIn(page)
  const device = await openInAnotherBrowser(page)
  await device.goto('/login')
  await ways['a code by email'](device, email)
  await device.waitForURL('/dashboard')
  await expect(main(device)).toContainText('No notes yet')
  expect((await me(device.context())).body.user.id).not.toBe(user.id)
  await device.context().close()
})

test('refuses the account to a password that was chosen at Stytch (pre-hijacking)', async ({
  page,
  context,
}) => {
  const { email, user } = await unverifiedUserSignedIn(page)
  const password = goodPassword
  await typePassword(page, { email, password, as: 'signup', returnTo: '/dashboard' })
  await page.waitForURL('/dashboard')
  expect((await me(context)).body.user.id).not.toBe(user.id)
})

test('refuses the account to another verified address in the same browser', async ({
  page,
  context,
}) => {
  const { user } = await unverifiedUserSignedIn(page)
  await page.goto('/login')
  await ways['a code by email'](page, newAddress())
  await page.waitForURL('/dashboard')
  expect((await me(context)).body.user.id).not.toBe(user.id)
  // The app removes the legacy session of the other user.
  expect(await legacyCookiesOf(context)).toEqual([])
})

test('refuses the account to a copy of a session that was signed out', async ({ page }) => {
  const { email, user } = await unverifiedUserSignedIn(page)
  const copy = await legacyCookiesOf(page.context())
  await putPolicy('before-the-migration')
  await page.goto('/dashboard')
  await button(page, 'Sign out').click()
  await page.waitForURL('/')
  await putPolicy('all-at-once')
  const device = await openInAnotherBrowser(page)
  await device.context().addCookies(copy)
  await device.goto('/login')
  await ways['a code by email'](device, email)
  await device.waitForURL('/dashboard')
  expect((await me(device.context())).body.user.id).not.toBe(user.id)
  await device.context().close()
})
