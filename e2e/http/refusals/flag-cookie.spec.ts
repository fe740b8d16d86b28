import { sealData } from 'iron-session'
import { appEnvironment } from '../../../sandbox/settings.ts'
import { ask } from '../../steps/request.ts'
import { rolling } from '../../steps/rolling-policy.ts'
import { expect, test } from '../../world/test.ts'

/** Flag cookies that the app did not seal, or that contradict the policy. */

test.use({ policy: rolling({ percent: 0 }) })

const visitorId = '00000000-0000-4000-8000-000000000001'
const seal = (value: object, password = appEnvironment.COOKIE_SECRET as string) =>
  sealData(value, { password, ttl: 3_600 })
const flowWith = async (flag: string) =>
  (await ask('/api/me', { cookies: { auth_flow: flag } })).json().flow

test('refuses a pin that this app did not seal', async () => {
  const pinned = { visitorId, flow: 'stytch', pin: 'stytch' }
  const genuine = await seal(pinned)
  // The app follows a genuine pin, so it refused the others as forged.
  expect(await flowWith(genuine)).toMatchObject({ name: 'stytch' })
  for (const forged of [
    JSON.stringify(pinned),
    Buffer.from(JSON.stringify(pinned)).toString('base64url'),
    await seal(pinned, 'another secret that is long enough to seal'),
    genuine.slice(0, -1),
    genuine.replace(/[a-z]/, (letter) => letter.toUpperCase()),
    await sealData(pinned, { password: appEnvironment.COOKIE_SECRET as string, ttl: 1 }).then(
      (sealed) => sealed.replace(/\*\d+\*/, '*99999999999999*'),
    ),
    'stytch',
    '__proto__',
    'x'.repeat(3_000),
    '',
  ]) {
    expect(await flowWith(forged), forged.slice(0, 40)).toMatchObject({ name: 'legacy' })
  }
})

test('refuses a planted flag cookie beside the genuine one, in either order', async () => {
  const genuine = await seal({ visitorId, flow: 'stytch', pin: 'stytch' })
  for (const values of [
    [genuine, 'planted'],
    ['planted', genuine],
  ]) {
    const cookies = values.map((value) => `auth_flow=${value}`).join('; ')
    const { flow } = (await ask('/api/me', { cookies })).json()
    expect(flow).toMatchObject({ name: 'stytch', reason: 'pin' })
  }
})

test('refuses another sealed cookie of this app in place of the flag cookie', async () => {
  for (const value of [
    { visitorId, flow: 'admin', pin: 'stytch' },
    { visitorId: 'x', flow: 'stytch', pin: 'stytch' },
    { email: 'ada@example.com', returnTo: '/' },
    {},
  ]) {
    expect(await flowWith(await seal(value))).toMatchObject({ name: 'legacy' })
  }
})

test('refuses a flow that contradicts the policy', async () => {
  const flag = await seal({ visitorId, flow: 'stytch', pin: null })
  expect(await flowWith(flag)).toMatchObject({ name: 'legacy' })
  const login = await ask('/login', { cookies: { auth_flow: flag } })
  expect(login.text).toContain('Continue to sign in')
  // The app sets a new flag cookie.
  expect(login.headers.getSetCookie().join()).toContain('auth_flow=')
})

test('refuses a flag cookie in place of a session', async () => {
  const flag = await seal({ visitorId, flow: 'stytch', pin: 'stytch' })
  const cookies = { auth_flow: flag, stytch_session_jwt: flag, __session: flag }
  expect((await ask('/api/me', { cookies })).status).toBe(401)
})
