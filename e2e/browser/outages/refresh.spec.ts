import { epochSeconds } from '../../steps/clock.ts'
import { signedInAt } from '../../steps/page.ts'
import { haveStytchSession } from '../../steps/stytch-session.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

const authenticate = '/v1/sessions/authenticate'

test('while Stytch is down, the page says so, and opens by itself later', async ({
  page,
  context,
}) => {
  await haveStytchSession(context, 'ada@example.com', { claims: { exp: epochSeconds() - 1 } })
  await stytch.setFaults([{ method: 'POST', path: authenticate, drop: true }])
  expect((await page.goto('/dashboard'))?.status()).toBe(503)
  await expect(page.getByText('You are still signed in.')).toBeVisible()
  await stytch.clearFaults()
  await expect(signedInAt(page)).toContainText('Stytch')
  await expect(page).toHaveURL('/dashboard')
})
