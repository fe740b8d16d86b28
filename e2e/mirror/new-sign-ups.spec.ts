import type { Page } from '@playwright/test'
import { haveLegacySession } from '../steps/legacy-session.ts'
import { codeFor, enterCode, openInAnotherBrowser } from '../steps/login.ts'
import { me } from '../steps/me.ts'
import { addNote, button, main, notes, signOut } from '../steps/page.ts'
import { newAddress } from '../steps/people.ts'
import { rolling } from '../steps/rolling-policy.ts'
import { signInAtLegacy, typeAtLegacy } from '../steps/sign-in-at-legacy.ts'
import { auth0 } from '../world/auth0.ts'
import { putPolicy } from '../world/policy.ts'
import { count } from '../world/stand-in.ts'
import { stytch } from '../world/stytch.ts'
import { signInAtLegacyElsewhere, untilRecorded } from './mirror.ts'
import { afterRetries, expect, test } from './test.ts'

/** The rule "new sign-ups only": new users start at Stytch, and everybody else stays on legacy. */

test.use({ policy: rolling({ newSignUps: true }) })

const legacyLogin = (page: Page) => page.getByRole('link', { name: 'Continue to sign in' })
const stytchLogin = (page: Page) =>
  page
    .getByRole('tab', { name: 'Pre-built UI' })
    .or(page.getByRole('link', { name: 'Pre-built UI' }))

/** Creates an account from the login page, with a mailed code. */
async function createAccount(page: Page, email: string): Promise<void> {
  await page.goto('/dashboard')
  await expect(legacyLogin(page)).toBeVisible()
  await page.getByRole('link', { name: 'Create an account' }).click()
  await expect(page.getByRole('heading', { name: 'Create an account' })).toBeVisible()
  await expect(page.getByLabel('Password')).toHaveCount(0)
  await page.getByLabel('Email address').fill(email)
  await button(page, 'Email me a code').click()
  await expect(page.getByRole('heading', { name: 'Enter the code' })).toBeVisible()
  await enterCode(page, await codeFor(email))
  await page.waitForURL('/dashboard')
}

test('a new user signs up at Stytch, sees its login on this device, and uses the legacy login on another', async ({
  page,
  context,
}) => {
  const email = newAddress()
  await createAccount(page, email)
  await addNote(page, 'Born at Stytch')
  const { body } = await me(context)
  expect(body.session.lane).toBe('stytch')
  expect(body.flow).toEqual({ name: 'stytch', reason: 'new_sign_up' })
  await untilRecorded(email)

  await signOut(page)
  await page.goto('/login')
  await expect(stytchLogin(page)).toBeVisible()
  await expect(legacyLogin(page)).toHaveCount(0)

  // The legacy provider mailed a link to set a password, because the user signed up without one.
  await expect.poll(auth0.inbox, afterRetries).toMatchObject([{ to: email, kind: 'set-password' }])
  const [mail] = await auth0.inbox()
  const mailPage = await openInAnotherBrowser(page)
  await mailPage.goto(mail?.link ?? '')
  await mailPage.getByLabel(/password/i).fill('set-by-the-mail-1')
  await mailPage.getByRole('button').click()
  await expect(mailPage.getByRole('heading', { name: 'Password changed' })).toBeVisible()
  const other = await signInAtLegacyElsewhere(page, email, 'set-by-the-mail-1')
  await other.waitForURL('/dashboard')
  await expect(notes(other)).toContainText('Born at Stytch')
  const there = (await me(other.context())).body
  expect(there.user).toEqual(body.user)
  expect(there.session.lane).toBe('legacy')
})

test('a legacy user who creates an account with the same address gets into the old account, and keeps the legacy login', async ({
  page,
  context,
}) => {
  const email = await auth0.addUser(newAddress())
  const before = await openInAnotherBrowser(page)
  await signInAtLegacy(before, email)
  await addNote(before, 'From the time before Stytch')
  const { user } = (await me(before.context())).body

  await createAccount(page, email)
  await expect(notes(page)).toContainText('From the time before Stytch')
  const here = (await me(context)).body
  expect(here.user).toEqual(user)
  expect(here.session.lane).toBe('stytch')
  await signOut(page)
  await page.goto('/login')
  await expect(legacyLogin(page)).toBeVisible()
  // The other browser is undisturbed.
  expect((await me(before.context())).body.session.lane).toBe('legacy')
})

test('a live legacy session stays on legacy, is not migrated, and takes the device back to the legacy login', async ({
  page,
  context,
}) => {
  await createAccount(page, newAddress())
  await signOut(page)
  await page.goto('/login')
  await page.getByRole('link', { name: 'Use the previous login' }).click()
  await typeAtLegacy(page, 'grace@example.com')
  await button(page, 'Continue').click()
  await page.waitForURL('/dashboard')
  const { body } = await me(context)
  expect(body.user.email).toBe('grace@example.com')
  expect(body.session.lane).toBe('legacy')
  expect(body.flow).toEqual({ name: 'legacy', reason: 'percent' })
  expect(await count(stytch, 'POST', '/v1/sessions/migrate')).toBe(0)
  await signOut(page)
  await page.goto('/login')
  await expect(legacyLogin(page)).toBeVisible()
})

test('refuses the page of the sign-up to a signed-in user, and without the rule', async ({
  page,
  context,
}) => {
  await page.goto('/login?with=signup')
  await expect(page.getByRole('heading', { name: 'Create an account' })).toBeVisible()
  await haveLegacySession(context, 'ada@example.com')
  await page.goto('/login?with=signup')
  await expect(page.getByRole('heading', { name: 'You are signed in' })).toBeVisible()
  await expect(main(page).getByRole('textbox')).toHaveCount(0)

  await putPolicy(rolling({}))
  const other = await openInAnotherBrowser(page)
  await other.goto('/login?with=signup')
  await expect(legacyLogin(other)).toBeVisible()
  await expect(main(other).getByRole('textbox')).toHaveCount(0)
})
