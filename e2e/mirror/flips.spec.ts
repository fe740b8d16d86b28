import { demoPassword } from '../../sandbox/settings.ts'
import { haveLegacySession } from '../steps/legacy-session.ts'
import { me } from '../steps/me.ts'
import { addNote, button, notes, signOut } from '../steps/page.ts'
import { signInAtLegacy } from '../steps/sign-in-at-legacy.ts'
import { putPolicy } from '../world/policy.ts'
import { count } from '../world/stand-in.ts'
import { stytch } from '../world/stytch.ts'
import { expect, test } from './test.ts'

/** The policy changes many times, forward and back. */

const forward = 'zero-downtime'
const back = 'before-the-migration'

test('back and forth while the user is signed out leads to the login of the policy each time, and to the same account', async ({
  page,
  context,
}) => {
  await signInAtLegacy(page, 'ada@example.com')
  await addNote(page, 'Always here')
  const { user } = (await me(context)).body
  for (const policy of [forward, back, forward] as const) {
    await page.goto('/dashboard')
    await signOut(page)
    await putPolicy(policy)
    if (policy === forward) {
      await page.goto('/dashboard')
      await page.getByRole('link', { name: 'Use a password' }).click()
      await page.getByLabel('Email address').fill('ada@example.com')
      await page.getByLabel('Password', { exact: true }).fill(demoPassword)
      await button(page, 'Sign in').click()
      await page.waitForURL('/dashboard')
    } else await signInAtLegacy(page, 'ada@example.com', '/dashboard', demoPassword)
    await expect(notes(page)).toContainText('Always here')
    expect((await me(context)).body).toMatchObject({
      user,
      session: { lane: policy === forward ? 'stytch' : 'legacy' },
    })
  }
})

test('ten changes in a row, while a user works', async ({ page, context }) => {
  await haveLegacySession(context, 'ada@example.com')
  await page.goto('/dashboard')
  const { user } = (await me(context)).body
  let flipped = 0
  const written: string[] = []
  const flips = (async () => {
    for (; flipped < 10; flipped += 1) {
      // The policy waits for the user, so that a slow machine still sees page views between the changes.
      await expect.poll(() => written.length).toBeGreaterThanOrEqual(Math.floor(flipped / 3))
      await putPolicy(flipped % 2 === 0 ? forward : back)
    }
  })()
  const lanes: string[] = []
  while (flipped < 10) {
    // One note for each change, because a user may write thirty in a minute.
    if (written.length <= flipped) {
      const text = `Note ${written.length + 1}`
      await addNote(page, text)
      written.push(text)
    }
    await page.getByRole('link', { name: 'Cutover' }).first().click()
    await page.waitForURL('/')
    const response = await page.goto('/dashboard')
    expect(response?.status()).toBe(200)
    await expect(page).toHaveURL('/dashboard')
    lanes.push(response?.headers()['x-auth-lane'] ?? '')
  }
  await flips
  // The user left each page at once, so the app may not have carried the session over yet.
  await putPolicy(forward)
  await page.goto('/dashboard')
  await expect(page.getByText('Identity provider').locator('..')).toContainText('Stytch')
  for (const text of written) await expect(notes(page)).toContainText(text)
  await expect(notes(page).getByRole('listitem')).toHaveCount(written.length)
  expect((await me(context)).body).toMatchObject({ user, session: { lane: 'stytch' } })
  // The app carried the session over once, and never moved it back.
  expect(lanes.join(' ')).toMatch(/^(legacy ?)*(stytch ?)*$/)
  expect(await count(stytch, 'POST', '/v1/sessions/migrate')).toBe(1)
})
