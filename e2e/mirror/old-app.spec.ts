import { me } from '../steps/me.ts'
import { addNote } from '../steps/page.ts'
import { newAddress } from '../steps/people.ts'
import { ask } from '../steps/request.ts'
import { rolling } from '../steps/rolling-policy.ts'
import { auth0 } from '../world/auth0.ts'
import { count } from '../world/stand-in.ts'
import { stytch } from '../world/stytch.ts'
import { signUp, untilRecorded } from './mirror.ts'
import { expect, test } from './test.ts'

test.use({ policy: rolling({ percent: 100, minAppVersion: '4.2.0' }) })

test('an old app signs in a user who signed up at Stytch, through the legacy record of the mirror', async ({
  page,
  context,
}) => {
  const email = newAddress()
  await signUp(page, email)
  await addNote(page, 'Written on the web')
  const { user } = (await me(context)).body
  await untilRecorded(email)

  // The old app knows the legacy provider only.
  const bearer = await auth0.token(email)
  const from = (version: string) => ({ bearer, headers: { 'x-app-version': version } })
  const old = await ask('/api/me', from('4.1.9'))
  expect(old.status).toBe(200)
  expect(old.json()).toMatchObject({
    user,
    session: { lane: 'legacy' },
    flow: { name: 'legacy', reason: 'app_version' },
  })
  const refused = await ask('/api/sessions/migrate', { method: 'POST', ...from('4.1.9') })
  expect(refused.status).toBe(409)
  expect(refused.json().error.code).toBe('not_in_cohort')
  expect(await count(stytch, 'POST', '/v1/sessions/migrate')).toBe(0)
  // The session on the web is undisturbed.
  expect((await me(context)).body).toMatchObject({ user, session: { lane: 'stytch' } })
})
