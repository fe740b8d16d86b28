import { urls } from '../../../sandbox/settings.ts'
import { forgetRequests, providerCalls } from '../../steps/calls.ts'
import { pinned } from '../../steps/flag-cookie.ts'
import { shown } from '../../steps/flow.ts'
import { legacyCookies } from '../../steps/legacy-session.ts'
import { ask } from '../../steps/request.ts'
import { rolling } from '../../steps/rolling-policy.ts'
import { stytchCookies } from '../../steps/stytch-session.ts'
import { expect, test } from '../../world/test.ts'

test.use({ policy: rolling({ percent: 50 }) })

test('each flow shows its login, which leads to its provider', async () => {
  const stytchDevice = { auth_flow: await pinned('stytch') }
  const legacyDevice = { auth_flow: await pinned('legacy') }
  await forgetRequests()
  for (let time = 0; time < 3; time += 1) {
    const both = await Promise.all([
      ask('/login', { cookies: stytchDevice }),
      ask('/login', { cookies: legacyDevice }),
    ])
    expect(both.map(shown)).toEqual(['stytch', 'legacy'])
  }
  expect(await providerCalls()).toEqual([])

  const begun = await ask('/auth/login?returnTo=%2Fdashboard', { cookies: legacyDevice })
  expect(begun.headers.get('location')).toMatch(new RegExp(`^${urls.auth0}/authorize\\?`))
})

test('the app serves each session on its lane, and asks no provider', async () => {
  const onLegacy = {
    ...(await legacyCookies('grace@example.com')),
    auth_flow: await pinned('legacy'),
  }
  const toCarry = {
    ...(await legacyCookies('dorothy@globex.example')),
    auth_flow: await pinned('stytch'),
  }
  const onStytch = {
    ...(await stytchCookies('ada@example.com')),
    auth_flow: await pinned('legacy'),
  }
  const anonymous = { auth_flow: await pinned('stytch') }
  for (const cookies of [onLegacy, toCarry, onStytch]) await ask('/dashboard', { cookies })
  await forgetRequests()
  for (const [cookies, lane, reason, status] of [
    [onLegacy, 'legacy', 'legacy_session', 200],
    [toCarry, 'legacy', 'legacy_session_carried_over', 200],
    [onStytch, 'stytch', 'stytch_session', 200],
    [anonymous, 'anonymous', 'no_session', 307],
  ] as const) {
    const answer = await ask('/dashboard', { cookies })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('x-auth-lane')).toBe(lane)
    expect(answer.headers.get('x-auth-reason')).toBe(reason)
  }
  expect(await providerCalls()).toEqual([])
})
