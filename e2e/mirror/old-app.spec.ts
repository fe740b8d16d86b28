import { urls } from '../../sandbox/settings.ts'
import { goodPassword } from '../steps/login.ts'
import { me } from '../steps/me.ts'
import { addNote, button, notes } from '../steps/page.ts'
import { newAddress } from '../steps/people.ts'
import { ask } from '../steps/request.ts'
import { rolling } from '../steps/rolling-policy.ts'
import { typeAtLegacy } from '../steps/sign-in-at-legacy.ts'
import { auth0 } from '../world/auth0.ts'
import { count } from '../world/stand-in.ts'
import { stytch } from '../world/stytch.ts'
import { signUp, untilRecorded } from './mirror.ts'
import { expect, test } from './test.ts'

/** An app version below the minimum knows the legacy login only, and its user signed up at Stytch. */

test.use({ policy: rolling({ percent: 100, minAppVersion: '4.2.0' }) })

const old = { 'x-app-version': '4.1.9' }
const flow = { name: 'legacy', reason: 'app_version' }

test('an old app signs in a user who signed up at Stytch, with the same password and account', async ({
  page,
  context,
  browser,
}) => {
  const email = newAddress()
  await signUp(page, email)
  await addNote(page, 'Written on the web')
  const { user } = (await me(context)).body
  await untilRecorded(email)

  // The app shows its login in a browser that sends the version with each request.
  const device = await browser.newContext({ baseURL: urls.app, extraHTTPHeaders: old })
  const app = await device.newPage()
  await app.goto('/dashboard')
  await app.getByRole('link', { name: 'Continue to sign in' }).click()
  await typeAtLegacy(app, email, goodPassword)
  await button(app, 'Continue').click()
  await app.waitForURL('/dashboard')
  await expect(notes(app)).toContainText('Written on the web')
  expect((await me(device)).body).toMatchObject({ user, session: { lane: 'legacy' }, flow })

  // Its API calls carry an access token of the legacy provider.
  const bearer = await auth0.token(email)
  const api = await ask('/api/me', { bearer, headers: old })
  expect(api.json()).toMatchObject({ user, session: { lane: 'legacy' }, flow })
  const refused = await ask('/api/sessions/migrate', { method: 'POST', bearer, headers: old })
  expect(refused.status).toBe(409)
  expect(refused.json().error.code).toBe('not_in_cohort')
  expect(await count(stytch, 'POST', '/v1/sessions/migrate')).toBe(0)
  // The session on the web is undisturbed.
  expect((await me(context)).body).toMatchObject({ user, session: { lane: 'stytch' } })
})
