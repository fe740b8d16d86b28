import { haveLegacySession } from '../../steps/legacy-session.ts'
import { button, main } from '../../steps/page.ts'
import { typeAtLegacy } from '../../steps/sign-in-at-legacy.ts'
import { expect, test } from '../../world/test.ts'

test('the control room leads a visitor who is not signed in to the login, and back', async ({
  page,
  context,
}) => {
  const response = await context.request.get('/control', { maxRedirects: 0 })
  expect(response.status()).toBe(307)
  expect(response.headers().location).toMatch(/\/login\?returnTo=%2Fcontrol$/)
  await page.goto('/control')
  await page.getByRole('link', { name: 'Continue to sign in' }).click()
  await typeAtLegacy(page, 'ada@example.com')
  await button(page, 'Continue').click()
  await expect(page).toHaveURL('/control')
  await expect(page.getByRole('heading', { name: 'Control', exact: true })).toBeVisible()
})

test('refuses the control room to a user who is not an operator, and shows no link to it', async ({
  page,
  context,
}) => {
  await haveLegacySession(context, 'grace@example.com')
  const response = await page.goto('/control')
  expect(response?.status()).toBe(403)
  await expect(page.getByRole('heading', { name: 'This page is for operators' })).toBeVisible()
  await expect(main(page)).not.toContainText('Policy in force')
  await page.goto('/dashboard')
  await expect(page.getByRole('link', { name: 'Control' })).toHaveCount(0)
})
