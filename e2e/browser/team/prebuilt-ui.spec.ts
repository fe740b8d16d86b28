import type { Page } from '@playwright/test'
import { codeFor, linkFor } from '../../steps/login.ts'
import { button, main } from '../../steps/page.ts'
import { count } from '../../world/stand-in.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

test.use({ policy: 'zero-downtime' })

const email = 'edsger@acme.example'

async function typeEmail(page: Page): Promise<void> {
  await page.getByPlaceholder('example@email.com').fill(email)
  await button(page, 'Continue with email').click()
}

/** The SDK had the session during the login. Afterwards no script can read it. */
async function expectMember(page: Page, slug: string): Promise<void> {
  await expect(page).toHaveURL(`/team/${slug}`)
  expect(await page.evaluate(() => document.cookie)).not.toContain('stytch_b2b_session')
  const answer = await page.context().request.get(`/api/team/${slug}/me`)
  expect(await answer.json()).toMatchObject({ member: { email }, session: { lane: 'stytch' } })
  // The server verified the session at Stytch before it accepted the tokens of the browser.
  expect(await count(stytch, 'POST', '/v1/b2b/sessions/authenticate')).toBe(1)
}

test('Stytch’s pre-built UI signs in to one team by a code', async ({ page }) => {
  await page.goto('/team/acme/login?tab=prebuilt&by=code')
  await typeEmail(page)
  const code = page.getByLabel('One-time passcode')
  await code.waitFor()
  await code.click()
  await page.keyboard.type(await codeFor(email))
  await expectMember(page, 'acme')
})

test('Stytch’s pre-built UI finds the teams by a link, and opens the chosen one', async ({
  page,
}) => {
  await page.goto('/team/login?tab=prebuilt')
  await typeEmail(page)
  await expect(main(page)).toContainText('Check your email')
  await page.goto(await linkFor(email))
  // Only the pre-built UI has the verifier of the link, so the server cannot know that this browser requested it.
  await button(page, 'Continue').click()
  await page.getByRole('button', { name: /Initech/ }).click()
  await expectMember(page, 'initech')
})
