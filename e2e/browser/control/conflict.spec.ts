import { confirm } from '../../steps/control-room.ts'
import { button, main } from '../../steps/page.ts'
import { latestPolicy } from '../../steps/policies.ts'
import { rolling } from '../../steps/rolling-policy.ts'
import { haveStytchSession } from '../../steps/stytch-session.ts'
import { database } from '../../world/database.ts'
import { putPolicy } from '../../world/policy.ts'
import { expect, test } from '../../world/test.ts'

const ada = 'ada@example.com'

test.beforeEach(({ context }) => haveStytchSession(context, ada))

test.use({ policy: rolling({ percent: 10 }) })

test('two operators at once: the second one sees the change of the first one, keeps the draft, and decides', async ({
  page,
}) => {
  await page.goto('/control/policy')
  await page.getByLabel('Percentage', { exact: true }).fill('50')
  await page.getByLabel(/^Note/).fill('Half of them')
  await button(page, 'Preview change').click()
  await expect(main(page)).toContainText('from 10% to 50%')
  const other = await putPolicy(rolling({ percent: 30, countries: ['NZ'] }, true, 'mine'))

  await button(page, 'Apply policy').click()
  await expect(main(page).getByRole('alert')).toContainText(`now at version ${other}`)
  expect((await latestPolicy()).version).toBe(other)
  for (const text of [
    `version ${other}, by control-token`,
    'Percentage: 10% → 30%',
    'Countries: added NZ',
    'Note: mine',
    'from 30% to 50%',
    'Note: Half of them',
  ])
    await expect(main(page)).toContainText(text)

  await confirm(page)
  expect(await latestPolicy()).toMatchObject({
    version: other + 1,
    author: ada,
    document: rolling({ percent: 50 }, true, 'Half of them'),
  })
})

test('a change by another operator between typing and preview is shown', async ({ page }) => {
  await page.goto('/control/policy')
  await page.getByLabel('Percentage', { exact: true }).fill('50')
  const other = await putPolicy(rolling({ percent: 30 }))
  await button(page, 'Preview change').click()
  await expect(main(page)).toContainText(`Changed meanwhile: version ${other}, by control-token`)
  await expect(main(page)).toContainText('from 30% to 50%')
})

test('with the database down nothing is changed, and the draft is kept', async ({ page }) => {
  await page.goto('/control/policy')
  await page.getByLabel('Percentage', { exact: true }).fill('50')
  await database.setUp(false)
  await button(page, 'Preview change').click()
  await expect(main(page).getByRole('alert')).toContainText('database does not answer')
  await expect(page.getByLabel('Percentage', { exact: true })).toHaveValue('50')
})
