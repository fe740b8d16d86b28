import { urls } from '../../sandbox/settings.ts'
import { goodPassword } from '../steps/login.ts'
import { me } from '../steps/me.ts'
import { addNote } from '../steps/page.ts'
import { newAddress } from '../steps/people.ts'
import { auth0 } from '../world/auth0.ts'
import { database } from '../world/database.ts'
import { putPolicy } from '../world/policy.ts'
import { count } from '../world/stand-in.ts'
import { stytch } from '../world/stytch.ts'
import {
  legacyRecords,
  signInAtLegacyElsewhere,
  signUp,
  signUpUnproved,
  untilRecorded,
} from './mirror.ts'
import { afterRetries, expect, test } from './test.ts'

/** A user who signs up at Stytch can use the legacy login too. A rollback leaves no other login. */

test.use({ policy: 'zero-downtime' })

test('a user signs up at Stytch; after a rollback, the same password opens the same account on another device', async ({
  page,
  context,
}) => {
  const email = newAddress()
  await signUp(page, email)
  await addNote(page, 'Written by somebody born at Stytch')
  const { user } = (await me(context)).body
  await untilRecorded(email)

  await putPolicy('before-the-migration')
  const other = await signInAtLegacyElsewhere(page, email, goodPassword)
  await other.waitForURL('/dashboard')
  await expect(other.getByRole('list', { name: 'Notes' })).toContainText(
    'Written by somebody born at Stytch',
  )
  const there = (await me(other.context())).body
  expect(there.session.lane).toBe('legacy')
  expect(there.user).toEqual(user)
  // The first device is still signed in.
  expect((await me(context)).body.session.lane).toBe('stytch')
  expect(await count(auth0, 'POST', '/api/v2/users')).toBe(1)
  expect(await auth0.inbox()).toEqual([])
})

test('a sign-up while the legacy provider is down does not wait, and the mirror creates one record later', async ({
  page,
}) => {
  const email = newAddress()
  // The legacy provider hangs and then fails. A sign-up that waited for it would exceed the timeout of this test.
  await auth0.setFaults([
    { path: '/api/v2/*', delayMs: 600_000, drop: true },
    { path: '/oauth/token', delayMs: 600_000, drop: true },
  ])
  await signUp(page, email)
  await addNote(page, 'Nothing noticed')
  const waiting = () =>
    database.query<{ reason: string }>("select reason from events where kind = 'mirror'")
  await expect
    .poll(waiting, afterRetries)
    .toEqual(expect.arrayContaining([{ reason: 'legacy_timeout' }]))
  expect(await (await fetch(`${urls.app}/api/health`)).json()).toMatchObject({ mirror: 'on' })

  await auth0.clearFaults()
  await untilRecorded(email)
  expect(await count(auth0, 'POST', '/api/v2/users')).toBe(1)
  await putPolicy('before-the-migration')
  const other = await signInAtLegacyElsewhere(page, email, goodPassword)
  await other.waitForURL('/dashboard')
  await expect(other.getByRole('list', { name: 'Notes' })).toContainText('Nothing noticed')
})

test("a sign-up with a password alone makes no legacy record and sends no mail, as it may be an attacker's", async ({
  page,
  context,
}) => {
  const email = newAddress()
  await signUpUnproved(page, email)
  // The mirror has run the jobs of the first user when it has written this one.
  const other = newAddress()
  await context.clearCookies()
  await signUp(page, other)
  await untilRecorded(other)
  expect(await legacyRecords(email)).toEqual([])
  expect(await auth0.inbox()).toEqual([])
})

test('a user signs up by code: a mail of the legacy provider lets them set a password', async ({
  page,
  browser,
}) => {
  const email = newAddress()
  await page.goto('/login')
  await page.getByLabel('Email address').fill(email)
  await page.getByRole('button', { name: 'Email me a code' }).click()
  await page.waitForURL(/step=code/)
  // The mirror creates no record for an unverified address, and its owner gets no mail.
  expect(await legacyRecords(email)).toEqual([])
  const code = (await stytch.inbox()).findLast(({ to }) => to === email)?.code ?? ''
  await page.getByLabel('Six-digit code').fill(code)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL('/dashboard')
  await addNote(page, 'No password so far')
  await untilRecorded(email)
  expect(await legacyRecords(email)).toMatchObject([{ email_verified: true }])
  await expect.poll(auth0.inbox, afterRetries).toMatchObject([{ to: email, kind: 'set-password' }])

  await putPolicy('before-the-migration')
  const [mail] = await auth0.inbox()
  const device = await browser.newPage()
  await device.goto(mail?.link ?? '')
  await device.getByLabel(/password/i).fill('set-by-the-mail-1')
  await device.getByRole('button').click()
  await expect(device.getByRole('heading', { name: 'Password changed' })).toBeVisible()
  const other = await signInAtLegacyElsewhere(page, email, 'set-by-the-mail-1')
  await other.waitForURL('/dashboard')
  await expect(other.getByRole('list', { name: 'Notes' })).toContainText('No password so far')
})
