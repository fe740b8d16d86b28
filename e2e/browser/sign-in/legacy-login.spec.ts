import { demoPassword, urls } from '../../../sandbox/settings.ts'
import { legacyCookiesOf } from '../../steps/legacy-session.ts'
import { goodPassword, loginAt, wanted } from '../../steps/login.ts'
import { me } from '../../steps/me.ts'
import { button, main } from '../../steps/page.ts'
import { newAddress } from '../../steps/people.ts'
import { signInAtLegacy, typeAtLegacy } from '../../steps/sign-in-at-legacy.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from './test.ts'

test('the login page leads to Auth0 and shows nothing of Stytch', async ({ page }) => {
  await page.goto(wanted)
  await expect(page).toHaveURL(`/login?returnTo=${encodeURIComponent(wanted)}`)
  const login = `/auth/login?${new URLSearchParams({ returnTo: wanted })}`
  await expect(page.getByRole('link', { name: 'Continue to sign in' })).toHaveAttribute(
    'href',
    login,
  )
  await expect(page.getByRole('textbox')).toHaveCount(0)
  await expect(page.getByRole('link', { name: 'Pre-built UI' })).toHaveCount(0)
})

test('signing in at Auth0 leads to the page that the user wanted', async ({ page, context }) => {
  await signInAtLegacy(page, 'ada@example.com', wanted)
  await expect(page).toHaveURL(wanted)
  const { body } = await me(context)
  expect(body.session).toMatchObject({ lane: 'legacy', issuer: `${urls.auth0}/` })
  expect(body.user.email).toBe('ada@example.com')
  for (const cookie of await legacyCookiesOf(context))
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' })
  expect(await stytch.calls()).toEqual([])
})

test('Auth0 reports a wrong password, and the right one then signs in', async ({
  page,
  context,
}) => {
  await page.goto(loginAt())
  await page.getByRole('link', { name: 'Continue to sign in' }).click()
  await typeAtLegacy(page, 'ada@example.com', 'not-hers-at-all')
  await button(page, 'Continue').click()
  await expect(page.getByRole('alert')).toContainText('Wrong email or password')
  expect(new URL(page.url()).origin).toBe(urls.auth0)
  await expect(page.getByLabel('Email address')).toHaveValue('ada@example.com')
  expect((await me(context)).status).toBe(401)
  await page.getByLabel('Password', { exact: true }).fill(demoPassword)
  await button(page, 'Continue').click()
  await expect(page).toHaveURL(wanted)
  expect((await me(context)).body.session.lane).toBe('legacy')
})

test('signing up at Auth0 returns to the app', async ({ page, context }) => {
  const email = newAddress()
  await page.goto(loginAt())
  await page.getByRole('link', { name: 'Create an account' }).click()
  await expect(page.getByRole('heading', { name: 'Sign up' })).toBeVisible()
  await typeAtLegacy(page, email, goodPassword)
  await button(page, 'Continue').click()
  await expect(page).toHaveURL(wanted)
  const { body } = await me(context)
  expect(body.user.email).toBe(email)
  expect(body.session.lane).toBe('legacy')
})

test('the login page reports a login that the user cancelled at Auth0, and keeps the returnTo', async ({
  page,
  context,
}) => {
  await page.goto(`/auth/login?${new URLSearchParams({ returnTo: wanted })}`)
  await expect(page.getByLabel('Email address')).toBeVisible()
  const transaction = (await context.cookies(urls.app)).find(({ name }) => /^__txn_/.test(name))
  const state = transaction?.name.slice('__txn_'.length) as string
  expect(state).toBeTruthy()
  await page.goto(`/auth/callback?${new URLSearchParams({ error: 'access_denied', state })}`)
  await expect(main(page)).toContainText('Sign-in failed')
  expect((await me(context)).status).toBe(401)
  await expect(page.getByRole('link', { name: 'Continue to sign in' })).toHaveAttribute(
    'href',
    `/auth/login?${new URLSearchParams({ returnTo: wanted })}`,
  )
})

for (const query of ['error=access_denied&state=x', 'code=made-up&state=x', 'code=made-up', '']) {
  test(`refuses a callback that this browser did not ask for ("${query}"), and shows the problem`, async ({
    page,
    context,
  }) => {
    const response = await page.goto(`/auth/callback?${query}`)
    expect(response?.status()).toBe(200)
    await expect(page).toHaveURL(/^[^?]*\/login\?/)
    await expect(main(page)).toContainText('Sign-in failed')
    await expect(page.getByRole('link', { name: 'Continue to sign in' })).toBeVisible()
    expect((await me(context)).status).toBe(401)
  })
}
