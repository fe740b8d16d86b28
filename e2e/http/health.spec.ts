import { stytchProject, urls } from '../../sandbox/settings.ts'
import { ask, expectNotCached } from '../steps/request.ts'
import { database } from '../world/database.ts'
import { stytch } from '../world/stytch.ts'
import { expect, test } from '../world/test.ts'

/** GET /api/health. The app caches an answer for a second. */

const health = () => ask('/api/health')

test('answers 200 with one line for each dependency', async () => {
  await expect(async () => {
    const answer = await health()
    expect(answer.status).toBe(200)
    expectNotCached(answer)
    expect(answer.json()).toEqual({
      ok: true,
      database: 'ok',
      stytch: 'ok',
      stytchTeams: 'ok',
      legacy: 'ok',
      environment: 'sandbox',
      stytchProject: stytchProject.projectId,
      mirror: 'off',
      auth0Tenant: new URL(urls.auth0).host,
    })
    expect(answer.text.trim().split('\n')).toHaveLength(11)
  }).toPass()
})

test('answers 503, names the failed dependency, and tells no host name', async () => {
  await stytch.setFaults([{ path: '/v1/sessions/jwks/*', status: 503 }])
  await database.setUp(false)
  await expect.poll(async () => (await health()).status).toBe(503)
  await expect
    .poll(async () => Object.keys((await health()).json()))
    .toEqual([
      'ok',
      'database',
      'stytch',
      'stytchTeams',
      'legacy',
      'environment',
      'stytchProject',
      'mirror',
      'auth0Tenant',
    ])
  const answer = await health()
  expect(answer.json()).toMatchObject({ ok: false, legacy: 'ok' })
  // The project and the tenant are public. Everything else must name no host.
  const { stytchProject: _, auth0Tenant: __, ...checks } = answer.json() as Record<string, unknown>
  expect(JSON.stringify(checks)).not.toMatch(/localhost|\d{4}/)
})
