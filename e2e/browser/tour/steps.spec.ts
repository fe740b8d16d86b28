import type { Page } from '@playwright/test'
import { demoPassword, urls } from '../../../sandbox/settings.ts'
import { migrateCalls } from '../../steps/calls.ts'
import { sealFlag } from '../../steps/flag-cookie.ts'
import { laneOf, me } from '../../steps/me.ts'
import { addNote, main, notes, signedInAt } from '../../steps/page.ts'
import { signInAtLegacy } from '../../steps/sign-in-at-legacy.ts'
import { expectDone, fact, openTour, seen } from '../../steps/tour.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

/** The steps of each option, one by one. */

const ada = 'ada@example.com'
const migrate = '/v1/sessions/migrate'

async function writeNote(page: Page): Promise<void> {
  await page.goto('/dashboard')
  await addNote(page, 'To find again')
}

/** Clicks the button, and waits for the page that names the new version in force. */
async function putInForce(page: Page, name: 'Apply policy' | 'Yes, roll back'): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click()
  await page.waitForURL(/changed=\d+|\/login/)
}

async function preview(page: Page, option: string): Promise<void> {
  await page.goto('/control/policy')
  await page.getByRole('link', { name: new RegExp(`^Preview ?: ${option}$`) }).click()
  await putInForce(page, 'Apply policy')
}

async function setPercent(page: Page, percent: number): Promise<void> {
  await page.goto('/control/policy')
  const begin = page.getByRole('link', { name: /^Set dials ?: Rolling$/ })
  if (await begin.isVisible()) await begin.click()
  await page.getByRole('textbox', { name: 'Percentage', exact: true }).fill(String(percent))
  await page.getByRole('button', { name: 'Preview change' }).click()
  await putInForce(page, 'Apply policy')
}

test('the tour follows the steps before the migration', async ({ page, context }) => {
  const tour = await openTour(context, 'before')
  await expectDone(tour, 1, 3)
  await expect(fact(tour, 'Lane')).toContainText('Anonymous')
  await expect(fact(tour, 'Session ends')).toHaveText('no session')

  await signInAtLegacy(page, ada)
  await expectDone(tour, 2, 3)
  await expect(fact(tour, 'Lane')).toContainText('Legacy lane')
  await expect(fact(tour, 'Lane')).toContainText('legacy_session')
  await expect(fact(tour, 'Cookies')).toContainText('__session')
  await expect(fact(tour, 'Cookies')).toContainText('auth_flow')
  await expect(fact(tour, 'Session ends')).toContainText('UTC')
  await expect(seen(tour)).toContainText('Auth0POST /oauth/token')

  await writeNote(page)
  await expectDone(tour, 3, 3)
  // The app sent Stytch no request about the user.
  expect(await stytch.calls()).toEqual([])
})

test('the tour follows the steps of zero-downtime', async ({ page, context }) => {
  const tour = await openTour(context, 'zero-downtime')
  await expectDone(tour, 0, 3)
  await signInAtLegacy(page, ada)
  await writeNote(page)
  await expectDone(tour, 1, 3)

  expect(await migrateCalls()).toBe(0)
  await preview(page, 'Zero-downtime sessions')
  // Every page carries the session over, also the page of the policy that is shown after the change.
  await expectDone(tour, 3, 3)
  await expect(fact(tour, 'Flow')).toContainText('Stytch login')
  await expect(fact(tour, 'Policy')).toContainText('zero-downtime sessions')

  await page.goto('/dashboard')
  await expect(notes(page)).toContainText('To find again')
  await expect(fact(tour, 'Lane')).toContainText('Stytch lane')
  // The browser still holds the dormant legacy session.
  await expect(fact(tour, 'Cookies')).toContainText(/__session.*stytch_session/)
  await expect(seen(tour)).toContainText(`StytchPOST ${migrate}200`)
  expect(await migrateCalls()).toBe(1)
})

test('the tour follows the steps of all-at-once', async ({ page, context }) => {
  const tour = await openTour(context, 'all-at-once')
  await signInAtLegacy(page, ada)
  await writeNote(page)
  await expectDone(tour, 1, 3)
  const { id } = (await me(context)).body.user

  await preview(page, 'All-at-once')
  await expectDone(tour, 2, 3)
  await expect(fact(tour, 'Lane')).toContainText('legacy_session_not_accepted')
  await expect(fact(tour, 'Cookies')).toContainText('__session')
  await tour.getByRole('link', { name: '/api/me' }).click()
  await expect(tour.locator('body')).toContainText('legacy_session_not_accepted')
  await tour.goBack()

  await page.goto('/dashboard')
  await expect(main(page)).toContainText('Sign-in has changed')
  await page.getByRole('link', { name: 'Use a password' }).click()
  await page.getByLabel('Email address').fill(ada)
  await page.getByLabel('Password', { exact: true }).fill(demoPassword)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL('/dashboard')
  await expect(notes(page)).toContainText('To find again')
  await expectDone(tour, 3, 3)
  await expect(fact(tour, 'Lane')).toContainText('Stytch lane')
  expect((await me(context)).body.user.id).toBe(id)
  expect(await migrateCalls()).toBe(0)
})

/** A visitor in bucket 9547, who is in the cohort only above 95%. */
const lateVisitor = '00000000-0000-4000-8000-000000000002'

test('the tour follows the steps of rolling', async ({ page, context }) => {
  const flag = await sealFlag({ visitorId: lateVisitor })
  await context.addCookies([{ name: 'auth_flow', value: flag, url: urls.app }])
  const tour = await openTour(context, 'rolling')
  await signInAtLegacy(page, ada)
  await expectDone(tour, 1, 5)

  await setPercent(page, 25)
  await expect(fact(tour, 'Policy')).toContainText('rolling, 25%')
  await expectDone(tour, 2, 5)
  await expect(fact(tour, 'Flow')).toContainText('percent')

  expect(await migrateCalls()).toBe(0)
  await setPercent(page, 100)
  // Every page carries the session over, also the page of the policy that is shown after the change.
  await expectDone(tour, 4, 5)
  await expect(fact(tour, 'Flow')).toContainText('Stytch login')

  await page.goto('/dashboard')
  expect(await migrateCalls()).toBe(1)
  await expect(fact(tour, 'Lane')).toContainText('Stytch lane')

  await setPercent(page, 0)
  await expectDone(tour, 5, 5)
  await expect(fact(tour, 'Flow')).toContainText('legacy login')
  await expect(fact(tour, 'Lane')).toContainText('Stytch lane')
  expect(await laneOf(context)).toBe('stytch')
})

test('the tour follows the steps of a rollback', async ({ page, context }) => {
  const tour = await openTour(context, 'rollback')
  await expectDone(tour, 0, 3)
  await signInAtLegacy(page, ada)
  await writeNote(page)
  await preview(page, 'Zero-downtime sessions')
  await expect(async () => {
    await page.goto('/dashboard')
    await expect(signedInAt(page)).toContainText('Stytch', {
      timeout: 1_500,
    })
  }).toPass()
  await expectDone(tour, 1, 3)

  await page.goto('/control')
  await page.getByRole('link', { name: 'Roll back…' }).click()
  await putInForce(page, 'Yes, roll back')
  await expectDone(tour, 2, 3)
  await page.goto('/dashboard')
  await expect(signedInAt(page)).toContainText('Stytch')

  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL('/')
  await expect(fact(tour, 'Lane')).toContainText('Anonymous')
  await expectDone(tour, 2, 3)
  await signInAtLegacy(page, ada)
  await expect(notes(page)).toContainText('To find again')
  await expectDone(tour, 3, 3)
  await expect(fact(tour, 'Lane')).toContainText('Legacy lane')
})
