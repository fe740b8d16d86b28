import { confirm } from '../../steps/control-room.ts'
import { me } from '../../steps/me.ts'
import { button, main } from '../../steps/page.ts'
import { latestPolicy } from '../../steps/policies.ts'
import { rolling } from '../../steps/rolling-policy.ts'
import { haveStytchSession } from '../../steps/stytch-session.ts'
import { putPolicy } from '../../world/policy.ts'
import { expect, test } from '../../world/test.ts'

test.use({ javaScriptEnabled: false })

const ada = 'ada@example.com'

test.beforeEach(({ context }) => haveStytchSession(context, ada))

test('without script, an operator drafts, corrects, previews, changes and confirms a policy', async ({
  page,
}) => {
  await putPolicy(rolling({ percent: 10 }))
  const before = await latestPolicy()
  await page.goto('/control/policy')
  await expect(page.getByLabel('Percentage slider')).toHaveCount(0)
  await page.getByLabel('Percentage', { exact: true }).fill('lots')
  await page.getByLabel(/^Note/).fill('Without script')
  await button(page, 'Preview change').click()
  await expect(main(page).getByRole('alert')).toContainText('Percentage must be a number')
  await expect(page.getByLabel('Percentage', { exact: true })).toHaveValue('lots')
  await expect(page.getByLabel(/^Note/)).toHaveValue('Without script')
  await page.getByLabel('Percentage', { exact: true }).fill('20')
  await button(page, 'Preview change').click()
  await expect(main(page)).toContainText('from 10% to 20%')
  await button(page, 'Edit draft').click()
  await page.getByLabel('Percentage', { exact: true }).fill('21')
  await button(page, 'Preview change').click()
  await expect(main(page)).toContainText('from 10% to 21%')
  expect(await latestPolicy()).toEqual(before)
  await confirm(page)
  expect((await latestPolicy()).document).toEqual(rolling({ percent: 21 }, true, 'Without script'))
})

test('without script, the rollback, the pin and the tables work', async ({ page, context }) => {
  await putPolicy(rolling({ percent: 0 }))
  await page.goto('/control/policy')
  await button(page, 'Stytch').click()
  await expect(main(page)).toContainText('Pinned to stytch')
  expect((await me(context)).body.flow).toEqual({ name: 'stytch', reason: 'pin' })
  await page.goto('/control')
  await expect(main(page)).not.toContainText('Live, every')
  await page.getByRole('link', { name: 'Roll back…' }).click()
  await confirm(page, 'Yes, roll back')
  expect((await latestPolicy()).document).toMatchObject({ cohort: 'nobody' })
})
