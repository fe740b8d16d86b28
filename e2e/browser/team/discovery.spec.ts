import type { Page } from '@playwright/test'
import { codeFor, enterCode } from '../../steps/login.ts'
import { addNote, button, main, notes } from '../../steps/page.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

/** Edsger is a member of Acme and of Initech, at Stytch alone. */

const email = 'edsger@acme.example'

async function discover(page: Page): Promise<void> {
  await page.goto('/team')
  await main(page).getByRole('link', { name: 'Sign in' }).click()
  await page.getByLabel('Email address').fill(email)
  await button(page, 'Email me a code').click()
  await enterCode(page, await codeFor(email))
  await expect(page).toHaveURL('/team/choose')
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(`discovery ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
    test.use({ javaScriptEnabled, policy: 'zero-downtime' })

    test('finds two organizations, opens one, and switches to the other', async ({
      page,
      context,
    }) => {
      await discover(page)
      await button(page, 'Sign in Acme').click()
      await expect(page).toHaveURL('/team/acme')
      await expect(main(page)).toContainText('Notes of Acme')
      const text = `Only Acme ${crypto.randomUUID()}`
      if (javaScriptEnabled) await addNote(page, text)

      // A session opens one organization.
      await page.goto('/team/initech')
      await expect(page).toHaveURL(/\/team\/initech\/login/)
      await expect(main(page)).toContainText('You are signed in to Acme')
      await button(page, 'Switch to Initech').click()
      await expect(page).toHaveURL('/team/initech')
      await expect(main(page)).toContainText('Notes of Initech')
      await expect(main(page)).not.toContainText(text)
      expect((await context.request.get('/api/team/initech/me')).status()).toBe(200)
      expect((await context.request.get('/api/team/acme/me')).status()).toBe(403)

      // The page of a team lists the person's other teams.
      await button(page, 'Switch Acme').click()
      await expect(page).toHaveURL('/team/acme')
      if (javaScriptEnabled) await expect(notes(page)).toContainText(text)
      // The app ends the sessions that a switch replaces.
      const all = await stytch.call<{ members: { email: string; sessions: number }[] }[]>(
        'GET',
        'b2b/organizations',
      )
      const sessions = all.flatMap(({ members }) => members).filter((each) => each.email === email)
      expect(sessions.map((each) => each.sessions).sort()).toEqual([0, 1])
    })
  })
}

test.describe('the members of a team', () => {
  test.use({ policy: 'zero-downtime' })

  test('are listed, and an admin invites another one', async ({ page, browser }) => {
    await discover(page)
    await button(page, 'Sign in Acme').click()
    await page.getByRole('link', { name: 'Members' }).click()
    await expect(page.getByRole('list', { name: 'Members' })).toContainText(email)
    const invited = `${crypto.randomUUID()}@acme.example`
    await page.getByLabel('Email address').fill(invited)
    await button(page, 'Invite').click()
    await expect(main(page)).toContainText(`We sent an invitation to ${invited}`)

    const link = (await stytch.inbox()).findLast((each) => each.to === invited)?.link as string
    const other = await browser.newContext()
    const theirs = await other.newPage()
    await theirs.goto(link)
    await button(theirs, 'Continue').click()
    await expect(theirs).toHaveURL('/team/acme')
    await theirs.getByRole('link', { name: 'Members' }).click()
    await expect(main(theirs)).toContainText('Only an admin of the team may invite people.')
    await other.close()
  })

  test('sign out of the team, and stay signed in as consumers', async ({ page, context }) => {
    await discover(page)
    await button(page, 'Sign in Initech').click()
    await expect(page).toHaveURL('/team/initech')
    const { session_token, session_jwt } = await stytch.session('ada@example.com')
    const url = new URL(page.url()).origin
    await context.addCookies([
      { name: 'stytch_session', value: session_token, url },
      { name: 'stytch_session_jwt', value: session_jwt, url },
    ])
    await button(page, 'Sign out').click()
    await expect(page).toHaveURL('/team')
    expect((await context.request.get('/api/team/initech/me')).status()).toBe(401)
    expect((await context.request.get('/api/me')).status()).toBe(200)
  })
})
