import { explained, here, ways } from '../../steps/all-at-once.ts'
import { haveLegacySession, legacyCookiesOf } from '../../steps/legacy-session.ts'
import { openInAnotherBrowser } from '../../steps/login.ts'
import { me } from '../../steps/me.ts'
import { addNote, notes } from '../../steps/page.ts'
import { putPolicy } from '../../world/policy.ts'
import { expect, test } from '../../world/test.ts'

test('the dormant legacy session works again after a rollback, for users who opened the app meanwhile and for others', async ({
  page,
  context,
}) => {
  await haveLegacySession(context, 'ada@example.com')
  await page.goto(here)
  await addNote(page, 'Written before the switch')
  const before = (await me(context)).body
  const away = await openInAnotherBrowser(page)
  await haveLegacySession(away.context(), 'grace@example.com')
  const cookies = await legacyCookiesOf(context)

  await putPolicy('all-at-once')
  await page.reload()
  await expect(explained(page)).toBeVisible()
  await putPolicy('before-the-migration')
  for (const [each, email] of [
    [page, 'ada@example.com'],
    [away, 'grace@example.com'],
  ] as const) {
    const response = await each.goto(here)
    expect(response?.status()).toBe(200)
    expect(response?.headers()).toMatchObject({
      'x-auth-lane': 'legacy',
      'x-auth-reason': 'legacy_session',
    })
    await expect(each).toHaveURL(here)
    await expect(each.getByText(email).first()).toBeVisible()
  }
  expect((await me(context)).body).toMatchObject({ user: before.user, session: before.session })
  await expect(notes(page)).toContainText('Written before the switch')
  expect(await legacyCookiesOf(context)).toEqual(cookies)
  await away.context().close()
})

test('after a rollback, the login page tells a user who stayed on it that they are signed in', async ({
  page,
  context,
}) => {
  await haveLegacySession(context, 'ada@example.com')
  await putPolicy('all-at-once')
  await page.goto(here)
  await expect(explained(page)).toBeVisible()
  await putPolicy('before-the-migration')
  await page.reload()
  await expect(page.getByRole('heading', { name: 'You are signed in' })).toBeVisible()
  await expect(explained(page)).toHaveCount(0)
  await page.getByRole('link', { name: 'Continue' }).click()
  await expect(page).toHaveURL(here)
})

test('a user who signed in at Stytch meanwhile stays there after a rollback', async ({
  page,
  context,
}) => {
  await haveLegacySession(context, 'ada@example.com')
  await putPolicy('all-at-once')
  await page.goto(here)
  await ways['the password that was imported'](page, 'ada@example.com')
  await expect(page).toHaveURL(here)
  const { user } = (await me(context)).body
  await putPolicy('before-the-migration')
  const response = await page.reload()
  expect(response?.headers()).toMatchObject({ 'x-auth-lane': 'stytch' })
  expect((await me(context)).body.user).toEqual(user)
})
