import { forgetRequests, migrateCalls } from '../steps/calls.ts'
import { haveLegacySession } from '../steps/legacy-session.ts'
import { laneOf } from '../steps/me.ts'
import { expect, test } from '../world/test.ts'

test.use({ policy: 'zero-downtime' })

const email = 'ada@example.com'

for (const path of ['/control', '/control/history', '/dashboard']) {
  test(`a visit of ${path} carries the session over, with one call to Stytch`, async ({
    page,
    context,
  }) => {
    await haveLegacySession(context, email)
    await forgetRequests()
    await page.goto(path)
    await expect.poll(() => laneOf(context)).toBe('stytch')
    await expect(page).toHaveURL(path)
    // Without a reload, the page shows the new lane.
    await expect(page.getByLabel('Request inspector')).toContainText('stytch_session')
    expect(await migrateCalls()).toBe(1)
  })
}

test('a client-side navigation from a public page carries the session over', async ({
  page,
  context,
}) => {
  await haveLegacySession(context, email)
  await page.goto('/')
  await page
    .getByRole('navigation', { name: 'Main' })
    .getByRole('link', { name: 'Control' })
    .click()
  await expect(page).toHaveURL('/control')
  await expect.poll(() => laneOf(context)).toBe('stytch')
})
