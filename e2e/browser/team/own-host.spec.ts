import { teamHosts, urls } from '../../../sandbox/settings.ts'
import { memberSessionCookies } from '../../steps/member-session.ts'
import { button, main, notes, signedInAt } from '../../steps/page.ts'
import { ask } from '../../steps/request.ts'
import { roll } from '../../steps/rolling-policy.ts'
import { typeAtLegacy } from '../../steps/sign-in-at-legacy.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

/** A team with a host of its own, such as acme.localhost:3000. */

const own = `http://${teamHosts[0]}`

test('a member signs in on the host of the team at Auth0, is carried over and signs out there', async ({
  page,
  context,
}) => {
  await page.goto(`${own}/`)
  await expect(page).toHaveURL(`${own}/team/acme/login?returnTo=%2Fteam%2Facme`)
  await page.getByRole('link', { name: 'Continue to sign in' }).click()
  await typeAtLegacy(page, 'barbara@acme.example')
  await button(page, 'Continue').click()
  await expect(page).toHaveURL(`${own}/team/acme`)
  await expect(signedInAt(page)).toContainText('Auth0')

  const text = `Written on the team's own host ${crypto.randomUUID()}`
  await page.getByLabel('New note').fill(text)
  await button(page, 'Add note').click()
  await expect(notes(page)).toContainText(text)

  await roll({ organizations: ['acme'] })
  await page.reload()
  await expect(signedInAt(page)).toContainText('Stytch')
  await expect(notes(page)).toContainText(text)
  const domains = (await context.cookies()).map(({ domain }) => domain)
  expect(new Set(domains)).toEqual(new Set(['acme.localhost', 'localhost']))

  await button(page, 'Sign out').click()
  await expect(page).toHaveURL(`${own}/team`)
  await page.goto(`${own}/team/acme`)
  await expect(page).toHaveURL(/\/team\/acme\/login/)
})

test('a mailed link leads back to the host on which the sign-in began', async ({ page }) => {
  await roll({ organizations: ['acme'] })
  const email = 'edsger@acme.example'
  // The page of a team offers a switch to each team that the person has opened.
  await ask('/api/team/initech/me', { cookies: await memberSessionCookies(email, 'initech') })
  await page.goto(`${own}/team/acme/login`)
  await page.getByLabel('Email address').fill(email)
  await button(page, 'Email me a link').click()
  await expect(main(page)).toContainText('Check your email')
  const link = (await stytch.inbox()).findLast(({ to }) => to === email)?.link as string
  expect(new URL(link).origin).not.toBe(own)
  await page.goto(link)
  // The browser began the sign-in on this host, so the page completes it at once.
  await expect(page).toHaveURL(`${own}/team/acme`)

  await test.step('a switch to another team leads to the main host', async () => {
    await page.goto(`${own}/team`)
    await button(page, 'Switch Initech').click()
    await expect(page).toHaveURL(
      (url) => url.origin === urls.app && url.pathname === '/team/initech/login',
    )
  })
})
