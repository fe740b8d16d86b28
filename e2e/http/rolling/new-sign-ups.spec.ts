import { migrateCalls } from '../../steps/calls.ts'
import { newFlag, openFlag, sealFlag } from '../../steps/flag-cookie.ts'
import { asLegacy, asStytch, flowOf, shown } from '../../steps/flow.ts'
import { legacyCookies } from '../../steps/legacy-session.ts'
import { ask } from '../../steps/request.ts'
import { roll, rolling } from '../../steps/rolling-policy.ts'
import { stytchCookies } from '../../steps/stytch-session.ts'
import { putPolicy } from '../../world/policy.ts'
import { expect, test } from '../../world/test.ts'

/** The rule "new sign-ups only", by the cookies of a device. */

test.use({ policy: rolling({ newSignUps: true }) })

const signUpPage = '/login?with=signup&amp;returnTo='

test('an unknown device shows the legacy login, whose link to create an account leads to Stytch', async () => {
  const login = await ask('/login')
  expect(shown(login)).toBe('legacy')
  expect(login.text).toContain(signUpPage)
  expect(login.text).not.toContain('screen_hint=signup')
  const signUp = await ask('/login?with=signup')
  expect(shown(signUp)).toBe('stytch')
  // A password proves no address. A user with a legacy account would get an empty one.
  expect(signUp.text).not.toContain('type="password"')
  expect(await openFlag(newFlag(signUp) as string)).toMatchObject({ flow: 'legacy' })
})

test('a device whose user signed up at Stytch shows its login, and a link to the legacy one', async () => {
  const cookies = { auth_flow: await sealFlag({ isNewSignUp: true }) }
  expect(await flowOf({ cookies })).toEqual(asStytch('new_sign_up'))
  const login = await ask('/login', { cookies })
  expect(shown(login)).toBe('stytch')
  expect(login.text).toContain('Use the previous login')
  expect(await openFlag(newFlag(login) as string)).toMatchObject({
    flow: 'stytch',
    isNewSignUp: true,
  })
})

test('a live legacy session is served on legacy, is not migrated, and clears the memory of the sign-up', async () => {
  const auth_flow = await sealFlag({ flow: 'stytch', isNewSignUp: true })
  const cookies = { ...(await legacyCookies('grace@example.com')), auth_flow }
  expect((await ask('/api/me', { cookies })).json()).toMatchObject({
    session: { lane: 'legacy' },
    flow: asLegacy('percent'),
  })
  const page = await ask('/dashboard', { cookies })
  expect(page.status).toBe(200)
  expect(await migrateCalls()).toBe(0)
  expect(await openFlag(newFlag(page) as string)).toMatchObject({
    flow: 'legacy',
    isNewSignUp: false,
  })
})

test('a dormant legacy session beside a Stytch session clears nothing', async () => {
  const auth_flow = await sealFlag({ flow: 'stytch', isNewSignUp: true })
  const both = {
    ...(await legacyCookies('ada@example.com')),
    ...(await stytchCookies('ada@example.com')),
    auth_flow,
  }
  const page = await ask('/dashboard', { cookies: both })
  expect(page.status).toBe(200)
  expect(newFlag(page)).toBeUndefined()
})

test('the rule ends with a rollback, and does not reach members of an organization or a pinned device', async () => {
  const member = await sealFlag({ isNewSignUp: true, organization: 'globex' })
  expect(await flowOf({ cookies: { auth_flow: member } })).toEqual(asLegacy('percent'))
  const pinned = await sealFlag({ isNewSignUp: true, pin: 'legacy' })
  const login = await ask('/login', { cookies: { auth_flow: pinned } })
  expect(shown(login)).toBe('legacy')
  expect(login.text).toContain('screen_hint=signup')

  const device = { auth_flow: await sealFlag({ isNewSignUp: true }) }
  await putPolicy('before-the-migration')
  expect(await flowOf({ cookies: device })).toEqual(asLegacy('nobody'))
  await roll({ percent: 0 })
  expect(await flowOf({ cookies: device })).toEqual(asLegacy('percent'))
  expect(shown(await ask('/login?with=signup'))).toBe('legacy')
})

test('refuses the memory of a sign-up as a credential', async () => {
  const cookies = { auth_flow: await sealFlag({ flow: 'stytch', isNewSignUp: true }) }
  expect((await ask('/api/me', { cookies })).status).toBe(401)
  expect((await ask('/dashboard', { cookies })).status).toBe(307)
})
