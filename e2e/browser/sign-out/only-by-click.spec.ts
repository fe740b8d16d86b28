import type { Page } from '@playwright/test'
import { urls } from '../../../sandbox/settings.ts'
import { me } from '../../steps/me.ts'
import { hiddenFields } from '../../steps/server-action.ts'
import { signInAtLegacy } from '../../steps/sign-in-at-legacy.ts'
import { expectSignedOut } from '../../steps/sign-out.ts'
import { auth0 } from '../../world/auth0.ts'
import { count } from '../../world/stand-in.ts'
import { expect, test } from '../../world/test.ts'

/** Only a click of the user signs them out. Another site must not be able to (CSRF). */

const ada = 'ada@example.com'

test.beforeEach(async ({ page, context }) => {
  await signInAtLegacy(page, ada)
  expect((await me(context)).status).toBe(200)
})

for (const path of ['/auth/logout', '/logout', '/sign-out', '/auth/logout?returnTo=/']) {
  test(`refuses to sign out by GET ${path}`, async ({ page, context }) => {
    await page.goto(path)
    expect((await me(context)).body.session.lane).toBe('legacy')
    expect(await count(auth0, 'GET', '/v2/logout')).toBe(0)
    expect(await count(auth0, 'POST', '/oauth/revoke')).toBe(0)
  })
}

/** The fields of the sign-out form, as a page of another site could copy them. */
async function fieldsOf(page: Page): Promise<Record<string, string>> {
  const html = await (await page.request.get('/dashboard')).text()
  const form = /<form[^>]*>(?:(?!<\/form>)[\s\S])*Sign out[\s\S]*?<\/form>/.exec(html)?.[0] ?? ''
  return hiddenFields(form)
}

test('refuses to sign out by a GET with the fields of the form', async ({ page, context }) => {
  const fields = await fieldsOf(page)
  expect(Object.keys(fields).some((name) => name.startsWith('$ACTION_'))).toBe(true)
  await context.request.get(`/dashboard?${new URLSearchParams(fields)}`)
  expect((await me(context)).body.session.lane).toBe('legacy')
})

test('refuses to sign out by a post from another site (CSRF)', async ({ page, context }) => {
  const fields = await fieldsOf(page)
  for (const origin of ['https://evil.example', 'null']) {
    const answer = await context.request.post('/dashboard', {
      multipart: fields,
      headers: { origin },
      maxRedirects: 0,
    })
    expect(answer.ok()).toBe(false)
    expect((await me(context)).body.session.lane).toBe('legacy')
  }
  // The same post from our own site signs out, so the app refused the origin.
  await context.request.post('/dashboard', {
    multipart: fields,
    headers: { origin: urls.app },
    maxRedirects: 0,
  })
  await expectSignedOut(context)
})
