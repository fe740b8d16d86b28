import type { BrowserContext } from '@playwright/test'
import { me } from '../../steps/me.ts'
import { button, main } from '../../steps/page.ts'
import { rolling } from '../../steps/rolling-policy.ts'
import { haveStytchSession } from '../../steps/stytch-session.ts'
import { putPolicy } from '../../world/policy.ts'
import { expect, test } from '../../world/test.ts'

const ada = 'ada@example.com'

test.beforeEach(({ context }) => haveStytchSession(context, ada))

/** The flow that the app shows this browser, and why. */
const flow = async (context: BrowserContext) => (await me(context)).body.flow

test('a rolling policy follows the pin of a device, and the cohorts nobody and everybody ignore it', async ({
  page,
  context,
}) => {
  await putPolicy(rolling({ percent: 0 }))
  await page.goto('/control/policy')
  expect(await flow(context)).toEqual({ name: 'legacy', reason: 'percent' })
  const pinned = page.waitForResponse(
    (response) => response.request().method() === 'POST' && response.url().includes('/control'),
  )
  await button(page, 'Stytch').click()
  await expect(main(page)).toContainText('Pinned to stytch')
  const flags = (await (await pinned).headersArray())
    .filter(({ name }) => name.toLowerCase() === 'set-cookie')
    .flatMap(({ value }) => value.split('\n'))
    .filter((line) => line.startsWith('auth_flow='))
  expect(flags.length).toBeGreaterThan(0)
  for (const line of flags) {
    expect(line).toMatch(/; Path=\/;/i)
    expect(line).toMatch(/; HttpOnly/i)
    expect(line).toMatch(/; SameSite=lax/i)
    expect(line).not.toContain('stytch')
  }
  expect(await flow(context)).toEqual({ name: 'stytch', reason: 'pin' })

  await putPolicy('before-the-migration')
  expect(await flow(context)).toEqual({ name: 'legacy', reason: 'nobody' })
  await page.reload()
  await expect(main(page)).toContainText('It has no effect now')
  await page.goto('/control/policy?start=zero-downtime')
  await expect(main(page)).toContainText(
    'This device is pinned to stytch. The pin will have no effect',
  )

  await putPolicy(rolling({ percent: 100 }))
  await page.goto('/control/policy')
  await button(page, 'Legacy').click()
  await expect(main(page)).toContainText('Pinned to legacy')
  expect(await flow(context)).toEqual({ name: 'legacy', reason: 'pin' })
  await button(page, 'Not pinned').click()
  await expect(button(page, 'Not pinned')).toHaveAttribute('aria-pressed', 'true')
  expect(await flow(context)).toEqual({ name: 'stytch', reason: 'percent' })
})
