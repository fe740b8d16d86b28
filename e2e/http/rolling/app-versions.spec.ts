import { asLegacy, asStytch, flowOf } from '../../steps/flow.ts'
import { ask } from '../../steps/request.ts'
import { roll } from '../../steps/rolling-policy.ts'
import { auth0 } from '../../world/auth0.ts'
import { count } from '../../world/stand-in.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

const door = (bearer: string, version: string) =>
  ask('/api/sessions/migrate', {
    method: 'POST',
    bearer,
    headers: { 'x-app-version': version },
  })

test('old versions of a mobile app stay on the legacy flow, and newer ones do not', async () => {
  await roll({ percent: 100, minAppVersion: '4.2.0' })
  const bearer = await auth0.token('ada@example.com')
  const old = ['4.1.9', '4.1', '3', 'v4.1.99', 'nightly', '99999999999999999999.0.0']
  for (const version of old) {
    const answer = await ask('/api/me', { bearer, headers: { 'x-app-version': version } })
    expect(answer.status, version).toBe(200)
    expect(answer.json(), version).toMatchObject({
      session: { lane: 'legacy' },
      flow: asLegacy('app_version'),
    })
    const refused = await door(bearer, version)
    expect(refused.status, version).toBe(409)
    expect(refused.json().error.code).toBe('not_in_cohort')
  }
  expect(await count(stytch, 'POST', '/v1/sessions/migrate')).toBe(0)
  for (const version of ['4.2.0', '4.2', 'v4.2.1', '5.0.0-beta.1', '10.0.0']) {
    const answer = await ask('/api/me', { bearer, headers: { 'x-app-version': version } })
    expect(answer.json(), version).toMatchObject({ flow: asStytch('percent') })
    expect((await door(bearer, version)).status, version).toBe(200)
  }
  expect(await count(stytch, 'POST', '/v1/sessions/migrate')).toBe(1)
  // A browser sends no version, so the rule does not apply to it.
  expect(await flowOf()).toEqual(asStytch('percent'))
})

test('old versions of a mobile app keep a session that the app refuses from newer ones', async () => {
  await roll({ percent: 100, minAppVersion: '4.2.0' }, false)
  const bearer = await auth0.token('ada@example.com')
  const as = (version: string) => ask('/api/me', { bearer, headers: { 'x-app-version': version } })
  expect((await as('4.1.9')).status).toBe(200)
  const newer = await as('4.2.0')
  expect(newer.status).toBe(401)
  expect(newer.json().error.code).toBe('legacy_session_not_accepted')
})

test('refuses a version as a credential', async () => {
  await roll({ percent: 100, minAppVersion: '4.2.0' })
  for (const version of ['1.0.0', '99.0.0']) {
    expect((await ask('/api/me', { headers: { 'x-app-version': version } })).status).toBe(401)
  }
})
