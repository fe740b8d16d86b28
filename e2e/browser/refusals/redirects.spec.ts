import { createBrowser } from '../../../sandbox/auth0/browser.ts'
import { demoPassword, urls } from '../../../sandbox/settings.ts'
import { foreignShapes, returnToQuery } from '../../steps/foreign-return-to.ts'
import { ask } from '../../steps/request.ts'
import { signInAtLegacy } from '../../steps/sign-in-at-legacy.ts'
import { expect, test } from '../../world/test.ts'

test('refuses every returnTo that leads to another site, at the end of a real legacy login', async ({
  page,
  context,
}) => {
  await signInAtLegacy(page, 'ada@example.com')
  for (const shape of foreignShapes) {
    await context.clearCookies({ name: /^__session/ })
    // Auth0 still has a session for the browser, so it redirects back without a form.
    await page.goto(`/auth/login?${returnToQuery(shape)}`)
    expect(page.url(), shape).toBe(`${urls.app}/dashboard`)
  }
  await context.clearCookies({ name: /^__session/ })
  await page.goto(`/auth/login?${returnToQuery('/login/../dashboard?tab=1#here')}`)
  expect(page.url()).toBe(`${urls.app}/dashboard?tab=1#here`)
})

test('refuses a callback that this browser did not ask for (login CSRF)', async ({
  page,
  context,
}) => {
  // The attacker stops before the last step of a login, and sends its link to the victim.
  const attacker = createBrowser()
  const form = await attacker.open(`${urls.app}/auth/login`)
  const fields = { email: 'grace@example.com', password: demoPassword }
  const { url: callback } = await attacker.submit(form, fields, `${urls.app}/auth/callback`)
  expect(callback).toContain('code=')

  for (const link of [callback, `${urls.app}/auth/callback?code=x&state=y`, '/auth/callback']) {
    await page.goto(link)
    expect(new URL(page.url()).pathname).toBe('/login')
    await expect(page.getByText('Sign-in failed')).toBeVisible()
    const names = (await context.cookies()).map(({ name }) => name)
    expect(names.filter((name) => name.startsWith('__session'))).toEqual([])
  }
  const error = await ask('/auth/callback?error=<script>&error_description=evil&state=y')
  expect(error.headers.get('location')).not.toContain('script')
})
