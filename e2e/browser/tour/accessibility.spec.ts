import { expectAccessible } from '../../steps/accessible.ts'
import { haveLegacySession } from '../../steps/legacy-session.ts'
import { carriedOver } from '../../steps/page.ts'
import { tourNames } from '../../steps/tour.ts'
import { putPolicy } from '../../world/policy.ts'
import { expect, test } from '../../world/test.ts'

const ada = 'ada@example.com'

for (const tour of tourNames) {
  test(`the tour is accessible and fits a phone: ${tour}`, async ({ page, context }) => {
    await test.step('with steps to do', async () => {
      await page.goto(`/?tour=${tour}#tour`)
      await expectAccessible(page)
    })
    await test.step('on the Stytch lane already', async () => {
      await haveLegacySession(context, ada)
      await putPolicy('zero-downtime')
      await page.goto('/dashboard')
      await expect(carriedOver(page)).toBeVisible()
      await page.goto(`/?tour=${tour}#tour`)
      // The next step of the other tours is an earlier one, or none of their steps needs a legacy session.
      const isTooFar = tour === 'all-at-once' || tour === 'rolling'
      await expect(page.getByText('You are already on the Stytch lane')).toHaveCount(
        isTooFar ? 1 : 0,
      )
      await expectAccessible(page)
    })
  })
}
