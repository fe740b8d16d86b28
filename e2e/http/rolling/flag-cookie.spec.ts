import { forgetRequests, providerCalls } from '../../steps/calls.ts'
import { newFlag, openFlag, pinned, sealFlag } from '../../steps/flag-cookie.ts'
import { asStytch, flowOf, shown } from '../../steps/flow.ts'
import { legacyCookies } from '../../steps/legacy-session.ts'
import { ask } from '../../steps/request.ts'
import { roll } from '../../steps/rolling-policy.ts'
import { stytchCookies } from '../../steps/stytch-session.ts'
import { expect, test } from '../../world/test.ts'

test('refuses a damaged flag cookie, and sets a new one', async () => {
  await roll({ percent: 0 })
  const good = await pinned('stytch')
  const bad: [string, string][] = [
    ['nothing', 'auth_flow='],
    ['garbage', 'auth_flow=%00%ff{"pin":"stytch"}'],
    ['text', 'auth_flow=stytch'],
    ['a seal cut off', `auth_flow=${good.slice(0, -20)}`],
    ['a seal cut in half', `auth_flow=${good.slice(0, good.length / 2)}`],
    [
      'a foreign seal',
      `auth_flow=${await sealFlag({ pin: 'stytch' }, 'another secret, long enough to seal with')}`,
    ],
    ['a very long one', `auth_flow=${'x'.repeat(6_000)}`],
    ['garbage twice', 'auth_flow=a; auth_flow=b'],
  ]
  for (const [name, cookies] of bad) {
    const page = await ask('/login', { cookies })
    expect(page.status, name).toBe(200)
    expect(shown(page), name).toBe('legacy')
    expect(await openFlag(newFlag(page) as string), name).toMatchObject({
      flow: 'legacy',
      pin: null,
    })
    expect((await ask('/api/me', { cookies })).status, name).toBe(401)
  }
  // The app follows a genuine flag cookie, so it refused the others as damaged.
  expect(shown(await ask('/login', { cookies: { auth_flow: good } }))).toBe('stytch')
  // A sibling subdomain can plant garbage, which must not hide the genuine cookie.
  for (const cookies of [`auth_flow=${good}; auth_flow=x`, `auth_flow=x; auth_flow=${good}`]) {
    expect(shown(await ask('/login', { cookies }))).toBe('stytch')
  }
})

test('refuses a copied flag cookie as a credential, and only changes the login', async () => {
  await roll({ percent: 0 })
  const graces = {
    ...(await legacyCookies('grace@example.com')),
    auth_flow: await pinned('stytch'),
  }
  const adas = await stytchCookies('ada@example.com')
  const ada = (await ask('/api/me', { cookies: adas })).json().user
  const copied = { ...adas, auth_flow: graces.auth_flow }
  expect((await ask('/api/me', { cookies: copied })).json()).toMatchObject({
    user: ada,
    flow: asStytch('pin'),
  })
  const alone = { auth_flow: graces.auth_flow }
  expect((await ask('/api/me', { cookies: alone })).status).toBe(401)
  const page = await ask('/dashboard', { cookies: alone })
  expect(page.status).toBe(307)
  expect(shown(await ask('/login', { cookies: alone }))).toBe('stytch')
})

test('refuses a session to a visitor who deletes the flag cookie to get another flow', async () => {
  await roll({ percent: 50 })
  await forgetRequests()
  const flows = new Set<string>()
  for (let time = 0; time < 24; time += 1) {
    const answer = await ask('/api/me')
    expect(answer.status).toBe(401)
    flows.add(answer.json().flow.name)
    const page = await ask('/dashboard')
    expect(page.status).toBe(307)
    expect(page.sessionCookies).toEqual([])
  }
  // A visitor without a cookie may get either login.
  expect(flows).toEqual(new Set(['stytch', 'legacy']))
  expect(await providerCalls()).toEqual([])
  // For a signed-in user, the session decides the flow instead of the cookie.
  const cookies = await legacyCookies('grace@example.com')
  const drawn = new Set<string>()
  for (let time = 0; time < 12; time += 1) drawn.add((await flowOf({ cookies })).name)
  expect(drawn.size).toBe(1)
})
