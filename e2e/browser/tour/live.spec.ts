import type { Page } from '@playwright/test'
import { urls } from '../../../sandbox/settings.ts'
import { forgetRequests } from '../../steps/calls.ts'
import { haveLegacySession } from '../../steps/legacy-session.ts'
import { laneOf } from '../../steps/me.ts'
import { carriedOver } from '../../steps/page.ts'
import { signInAtLegacy } from '../../steps/sign-in-at-legacy.ts'
import { haveStytchSession } from '../../steps/stytch-session.ts'
import { expectDone, fact, state, steps } from '../../steps/tour.ts'
import { auth0 } from '../../world/auth0.ts'
import { database } from '../../world/database.ts'
import { putPolicy } from '../../world/policy.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

const ada = 'ada@example.com'

test('the tour has an address for each option, and begins with the first one', async ({ page }) => {
  await page.goto('/')
  const current = page.getByRole('navigation', { name: 'Tours' }).locator('[aria-current=page]')
  await expect(current).toHaveText('Before')
  for (const [link, shown, address] of [
    ['Zero-downtime', 'Zero-downtime', '/?tour=zero-downtime#tour'],
    ['All-at-once', 'All-at-once', '/?tour=all-at-once#tour'],
    ['Rolling', 'Rolling', '/?tour=rolling#tour'],
    ['Teams', 'Teams', '/?tour=teams#tour'],
    ['Rollback', 'Rollback', '/?tour=rollback#tour'],
    ['Start here', 'Before', '/?tour=before#tour'],
    ['Try rolling', 'Rolling', '/?tour=rolling#tour'],
    ['Try the rollback', 'Rollback', '/?tour=rollback#tour'],
  ] as const) {
    await page.getByRole('link', { name: link, exact: true }).click()
    await expect(page).toHaveURL(address)
    await expect(current).toHaveText(shown)
  }
  for (const strange of ['/?tour=constructor', '/?tour=', '/?tour=a&tour=b']) {
    await page.goto(strange)
    await expect(current).toHaveText('Before')
  }
})

test('with the database down, the tour marks no step, says so, and recovers by itself', async ({
  page,
}) => {
  await database.setUp(false)
  expect((await page.goto('/'))?.status()).toBe(200)
  await expect(state(page)).toContainText('Your state is unavailable')
  await expect(steps(page)).toHaveCount(3)
  await expect(page.getByText('Next', { exact: true })).toHaveCount(0)
  await database.setUp(true)
  await expectDone(page, 1, 3)
})

/** Collects the answers to the next refreshes that the page sends by itself. */
async function refreshes(page: Page, times: number) {
  const answers = []
  for (let turn = 0; turn < times; turn++) {
    const answer = await page.waitForResponse(
      (response) =>
        new URL(response.url()).pathname === '/' && response.request().headers().rsc === '1',
    )
    answers.push({ status: answer.status(), headers: await answer.headersArray() })
  }
  return answers
}
const cookiesSetBy = (answers: Awaited<ReturnType<typeof refreshes>>) =>
  answers.flatMap(({ headers }) =>
    headers.filter(({ name }) => name.toLowerCase() === 'set-cookie').map(({ value }) => value),
  )

test('a tour that refreshes itself on the legacy lane migrates nothing, sets no cookie, and asks no provider', async ({
  page,
  context,
}) => {
  await haveLegacySession(context, ada)
  await putPolicy('zero-downtime')
  await page.goto('/')
  const cookies = await context.cookies()
  await forgetRequests()

  const answers = await refreshes(page, 3)
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  expect(cookiesSetBy(answers)).toEqual([])
  expect(await context.cookies()).toEqual(cookies)
  expect(await stytch.calls()).toEqual([])
  expect(await auth0.calls()).toEqual([])
  expect(await laneOf(context)).toBe('legacy')
})

test('a tour that refreshes itself on the Stytch lane sets no cookie, and asks no provider', async ({
  page,
  context,
}) => {
  await putPolicy('zero-downtime')
  await haveStytchSession(context, ada)
  await page.goto('/')
  await expect(fact(page, 'Lane')).toContainText('Stytch lane')
  await forgetRequests()

  const answers = await refreshes(page, 3)
  expect(cookiesSetBy(answers)).toEqual([])
  expect(await stytch.calls()).toEqual([])
  expect(await auth0.calls()).toEqual([])
})

test('the tour shows no value of a cookie, and no token', async ({ page, context }) => {
  await signInAtLegacy(page, ada)
  await putPolicy('zero-downtime')
  await page.goto('/dashboard')
  await expect(carriedOver(page)).toBeVisible()
  const html = await (await page.goto('/'))?.text()
  const values = (await context.cookies(urls.app)).map(({ value }) => value)
  expect(values.length).toBeGreaterThan(3)
  for (const value of values) expect(html).not.toContain(value.slice(0, 24))
})

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false })

  test('the tour does not say that it refreshes itself', async ({ page, context }) => {
    await haveLegacySession(context, ada)
    await page.goto('/')
    await page.getByRole('link', { name: 'Zero-downtime', exact: true }).click()
    await expectDone(page, 1, 3)
    await expect(fact(page, 'Lane')).toContainText('Legacy lane')
    await expect(page.getByText(/^Live/)).toHaveCount(0)
    await expect(page.getByRole('button', { name: /Pause/ })).toHaveCount(0)
  })
})
