import { stytchProject, urls } from '../../../sandbox/settings.ts'
import { explained, here, loginFrom, type Way, ways } from '../../steps/all-at-once.ts'
import { haveLegacySession, legacyCookiesOf } from '../../steps/legacy-session.ts'
import { openInAnotherBrowser } from '../../steps/login.ts'
import { me } from '../../steps/me.ts'
import { addNote, button, main, notes } from '../../steps/page.ts'
import { newLegacyUser } from '../../steps/people.ts'
import { signInAtLegacy } from '../../steps/sign-in-at-legacy.ts'
import { putPolicy } from '../../world/policy.ts'
import { count } from '../../world/stand-in.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

const ada = async () => 'ada@example.com'

for (const [who, whose, by] of [
  ['Ada, who was imported', ada, 'the password that was imported'],
  ['Ada, who was imported', ada, 'a code by email'],
  ['Ada, who was imported', ada, 'a link by email'],
  ['Ada, who was imported', ada, 'a code in the pre-built UI'],
  ['a user who was not imported', newLegacyUser, 'a code by email'],
  ['a user who was not imported', newLegacyUser, 'a link by email'],
  ['a user who was not imported', newLegacyUser, 'a link in the pre-built UI'],
] as [string, () => Promise<string>, Way][]) {
  test(`${who}, signs in again with ${by}, and keeps account and notes`, async ({
    page,
    context,
  }) => {
    const email = await whose()
    await signInAtLegacy(page, email, here)
    await addNote(page, 'Written before the switch')
    const before = (await me(context)).body
    expect(before.session.lane).toBe('legacy')
    const dormant = await legacyCookiesOf(context)

    await putPolicy('all-at-once')
    await stytch.forgetRequests()
    await page.reload()
    await expect(page).toHaveURL(loginFrom(here))
    await expect(explained(page)).toBeVisible()
    // The app sent Stytch no request for that, and kept the legacy session.
    expect((await stytch.requests()).filter(({ path }) => path.startsWith('/v1/'))).toEqual([])
    expect(await legacyCookiesOf(context)).toEqual(dormant)

    await ways[by](page, email)
    await expect(page).toHaveURL(here)
    await expect(notes(page)).toContainText('Written before the switch')
    const after = (await me(context)).body
    expect(after.session).toMatchObject({
      lane: 'stytch',
      issuer: `stytch.com/${stytchProject.projectId}`,
    })
    expect(after.user).toEqual(before.user)
    expect(await count(stytch, 'POST', '/v1/sessions/migrate')).toBe(0)
    // The app keeps the dormant legacy session for a rollback.
    expect(await legacyCookiesOf(context)).toEqual(dormant)
  })
}

test('a user signs in again once: the next page and the next tab need no login', async ({
  page,
  context,
}) => {
  await haveLegacySession(context, 'ada@example.com')
  await putPolicy('all-at-once')
  await page.goto(here)
  await ways['the password that was imported'](page, 'ada@example.com')
  await expect(page).toHaveURL(here)
  const tab = await context.newPage()
  for (const each of [page, tab]) {
    const response = await each.goto('/dashboard')
    expect(response?.headers()).toMatchObject({ 'x-auth-lane': 'stytch' })
  }
  expect(await count(stytch, 'POST', '/v1/passwords/authenticate')).toBe(1)
})

test('without JavaScript, a user gets the explanation and returns to the page too', async ({
  browser,
}) => {
  const context = await browser.newContext({ baseURL: urls.app, javaScriptEnabled: false })
  const page = await context.newPage()
  await haveLegacySession(context, 'ada@example.com')
  await page.goto(here)
  await putPolicy('all-at-once')
  // The app redirects a posted form to the login too. The login leads back to the page of the form.
  await page.getByLabel('New note').fill('Too late')
  await button(page, 'Add note').click()
  await expect(page).toHaveURL(loginFrom(here))
  await expect(explained(page)).toBeVisible()
  await ways['the password that was imported'](page, 'ada@example.com')
  await expect(page).toHaveURL(here)
  await expect(main(page)).toContainText('No notes yet')
  await context.close()
})

test('on another device, a user gets the same account by a verified address', async ({
  page,
  context,
}) => {
  const email = await newLegacyUser()
  await signInAtLegacy(page, email)
  await addNote(page, 'Seen from another device')
  const { user } = (await me(context)).body
  await putPolicy('all-at-once')
  const device = await openInAnotherBrowser(page)
  await device.goto(here)
  // Nobody was signed in on that device, so the login page explains nothing.
  await expect(device).toHaveURL(`/login?${new URLSearchParams({ returnTo: here })}`)
  await expect(explained(device)).toHaveCount(0)
  await ways['a code by email'](device, email)
  await expect(device).toHaveURL(here)
  await expect(notes(device)).toContainText('Seen from another device')
  expect((await me(device.context())).body.user).toEqual(user)
  await device.context().close()
})
