import { openFlag } from '../../steps/flag-cookie.ts'
import { rolling } from '../../steps/rolling-policy.ts'
import { expect, test } from '../../world/test.ts'

test.use({ policy: rolling({ percent: 50 }) })

test('the flag cookie cannot be read by scripts, and is sent to this site only', async ({
  page,
  context,
}) => {
  await page.goto('/login')
  const cookie = (await context.cookies()).find(({ name }) => name === 'auth_flow')
  expect(cookie).toMatchObject({
    httpOnly: true,
    sameSite: 'Lax',
    secure: false,
    path: '/',
    domain: 'localhost',
  })
  expect(cookie?.expires).toBeGreaterThan(Date.now() / 1_000 + 300 * 24 * 3_600)
  expect(await page.evaluate(() => document.cookie)).not.toContain('auth_flow')
  expect(await page.content()).not.toContain(
    (await openFlag(decodeURIComponent(cookie?.value ?? ''))).visitorId,
  )
})
