import type { Page } from '@playwright/test'
import { urls } from '../../../sandbox/settings.ts'
import { haveLegacySession } from '../../steps/legacy-session.ts'
import { button, main } from '../../steps/page.ts'
import { everybody, inForce, putJson, versionInForce } from '../../steps/policy-api.ts'
import { database } from '../../world/database.ts'
import { putPolicy, untilInForce } from '../../world/policy.ts'
import { count } from '../../world/stand-in.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

const confirm = (page: Page) => button(page, 'Apply policy')

test('two operators at once: the page warns the second one and overwrites nothing of the first one', async ({
  browser,
}) => {
  const [first, second] = await Promise.all(
    ['first', 'second'].map(async () => {
      const context = await browser.newContext({ baseURL: urls.app })
      await haveLegacySession(context, 'ada@example.com')
      const page = await context.newPage()
      await page.goto('/control/policy?start=zero-downtime')
      await expect(confirm(page)).toBeVisible()
      return page
    }),
  )
  if (!first || !second) throw new Error('Two pages were expected.')
  const before = await versionInForce()
  await confirm(first).click()
  await expect(first.getByRole('status')).toContainText('is the policy in force')
  await untilInForce(before + 1)
  const other = await putPolicy({ cohort: 'nobody', carrySessions: false, note: 'by the first' })

  await confirm(second).click()
  const alert = main(second).getByRole('alert')
  await expect(alert).toContainText(`now at version ${other}`)
  expect(await inForce()).toMatchObject({ version: other, note: 'by the first' })
  await second.getByRole('link', { name: 'Cancel' }).click()
  await expect(main(second)).toContainText(`Version ${other}`)
  await expect(main(second)).toContainText('Note: by the first')
  await Promise.all([first.context().close(), second.context().close()])
})

test('the preview changes nothing, and cancelling leads back', async ({ context, page }) => {
  await haveLegacySession(context, 'ada@example.com')
  const { version } = await inForce()
  await page.goto('/control/policy')
  await page.getByRole('link', { name: /^Preview ?: Zero-downtime sessions$/ }).click()
  await expect(confirm(page)).toBeVisible()
  await page.getByRole('link', { name: 'Cancel' }).click()
  await expect(page).toHaveURL('/control')
  expect(await versionInForce()).toBe(version)
})

test('with the database down, a confirmation says that nothing was changed', async ({
  context,
  page,
}) => {
  await haveLegacySession(context, 'ada@example.com')
  await page.goto('/control/policy?start=zero-downtime')
  await database.setUp(false)
  await confirm(page).click()
  await expect(main(page).getByRole('alert')).toContainText('the policy did not change')
  await page.goto('/control')
  await expect(main(page)).toContainText('The database does not answer')
  const response = await putJson(everybody)
  expect(response.status).toBe(503)
  expect(response.json()).toMatchObject({ error: { code: 'database_unavailable' } })
  await database.setUp(true)
  await page.reload()
  await expect(main(page)).toContainText('Policy in force')
  expect(await count(stytch, 'POST', /./)).toBe(0)
})
