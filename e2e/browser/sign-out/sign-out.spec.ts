import type { Page } from '@playwright/test'
import { urls } from '../../../sandbox/settings.ts'
import { haveLegacySession } from '../../steps/legacy-session.ts'
import { signOut } from '../../steps/page.ts'
import { signInAtLegacy } from '../../steps/sign-in-at-legacy.ts'
import {
  expectSignedOut,
  haveCarriedOver,
  sessionCookies,
  signInAtStytch,
} from '../../steps/sign-out.ts'
import { auth0 } from '../../world/auth0.ts'
import { database } from '../../world/database.ts'
import { putPolicy } from '../../world/policy.ts'
import { count } from '../../world/stand-in.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

const ada = 'ada@example.com'
const revoke = '/v1/sessions/revoke'

/** Checks that Auth0 has no session for this browser. With one, it would redirect back without a form. */
async function expectAuth0ToAsk(page: Page): Promise<void> {
  await page.goto('/auth/login')
  await expect(page.getByLabel('Password', { exact: true })).toBeVisible()
  expect(new URL(page.url()).origin).toBe(urls.auth0)
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(`${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
    test.use({ javaScriptEnabled })

    test('from the Stytch lane: the app revokes the session and removes its cookies', async ({
      page,
      context,
    }) => {
      await putPolicy('zero-downtime')
      await signInAtStytch(page)
      expect(await stytch.sessionsOf(ada)).toBe(1)

      const answered = page.waitForResponse((response) => response.request().method() === 'POST')
      await signOut(page)
      const response = await answered
      expect(response.ok() || response.status() === 303).toBe(true)
      const set = (await response.headersArray()).filter(
        ({ name }) => name.toLowerCase() === 'set-cookie',
      )
      for (const name of ['stytch_session', 'stytch_session_jwt']) {
        const cookie = set.find(({ value }) => value.startsWith(`${name}=`))?.value
        expect(cookie).toMatch(/^[^=]+=;/)
        expect(cookie).toMatch(/; Path=\//)
        expect(cookie).toMatch(/Expires=Thu, 01 Jan 1970/)
      }
      await expectSignedOut(context)
      expect(await stytch.sessionsOf(ada)).toBe(0)
      expect(await count(stytch, 'POST', revoke)).toBe(1)
      // The user was never signed in at Auth0.
      expect(await auth0.requests()).not.toContainEqual(
        expect.objectContaining({ path: '/v2/logout' }),
      )
      await page.goto('/dashboard')
      await expect(page).toHaveURL('/login?returnTo=%2Fdashboard')
    })

    test('from the legacy lane: the app revokes the refresh token, and Auth0 asks for the password again', async ({
      page,
      context,
    }) => {
      await signInAtLegacy(page, ada)
      await test.step('before that, Auth0 does not ask', async () => {
        const kept = await sessionCookies(context)
        await context.clearCookies({ name: /^__session/ })
        await page.goto('/auth/login')
        await expect(page).toHaveURL('/dashboard')
        expect((await sessionCookies(context)).map(({ name }) => name)).toEqual(
          kept.map(({ name }) => name),
        )
      })

      await signOut(page)
      await expectSignedOut(context)
      expect(
        (await auth0.requests()).filter(
          ({ path, status }) => path === '/oauth/revoke' && status === 200,
        ),
      ).toHaveLength(1)
      expect(await count(auth0, 'GET', '/v2/logout')).toBe(1)
      expect(await count(stytch, 'POST', revoke)).toBe(0)
      await expectAuth0ToAsk(page)
    })
  })
}

test.describe('with zero downtime', () => {
  test.use({ policy: 'zero-downtime' })

  test('another open tab asks the user to sign in, and keeps the draft', async ({
    page,
    context,
  }) => {
    await signInAtStytch(page)
    const other = await context.newPage()
    await other.goto('/dashboard')
    await signOut(page)

    await other.getByLabel('New note').fill('Half a thought')
    await other.getByRole('button', { name: 'Add note' }).click()
    await expect(other).toHaveURL('/login?returnTo=%2Fdashboard')
    expect(await database.query('select 1 from notes')).toEqual([])

    await signInAtStytch(other)
    await expect(other.getByLabel('New note')).toHaveValue('Half a thought')
    await other.getByRole('button', { name: 'Add note' }).click()
    await expect(other.getByRole('list', { name: 'Notes' })).toContainText('Half a thought')
  })
})

// This needs JavaScript, because a script of the page carries the session over.
test('with a dormant legacy session, both sessions end', async ({ page, context }) => {
  await signInAtLegacy(page, ada)
  await putPolicy('zero-downtime')
  await haveCarriedOver(page)
  const names = (await sessionCookies(context)).map(({ name }) => name)
  expect(names).toContain('stytch_session')
  expect(names.some((name) => name.startsWith('__session'))).toBe(true)

  await signOut(page)
  await expectSignedOut(context)
  expect(await stytch.sessionsOf(ada)).toBe(0)
  expect(await count(stytch, 'POST', revoke)).toBe(1)
  expect(await count(auth0, 'POST', '/oauth/revoke')).toBe(1)
  await putPolicy('before-the-migration')
  await expectAuth0ToAsk(page)
})

test('the refresh token of the session no longer works at Auth0', async ({ page, context }) => {
  const { refresh_token: refreshToken } = await auth0.grant(ada)
  await haveLegacySession(context, ada, { refreshToken })
  await page.goto('/dashboard')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page).toHaveURL('/')
  const answer = await fetch(`${urls.auth0}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      client_id: 'cutover-web',
      client_secret: 'cutover-web-secret-not-a-secret-00000',
    }),
  })
  expect(answer.status).toBe(403)
  expect(await answer.json()).toMatchObject({ error: 'invalid_grant' })
})
