import { organizations } from '../../../sandbox/settings.ts'
import { ask } from '../../steps/request.ts'
import { roll } from '../../steps/rolling-policy.ts'
import { teamToken } from '../../steps/team-token.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'

test.use({ policy: 'zero-downtime' })

const migrate = (bearer: string, organization_id: string, base?: string) =>
  ask('/api/sessions/migrate', {
    method: 'POST',
    bearer,
    body: JSON.stringify({ organization_id }),
    ...(base && { base }),
  })

const memberCalls = async () =>
  (await stytch.calls()).filter(({ path }) => path.startsWith('/v1/b2b'))

test('a member gets one session of the organization, by its slug, its external id or its id at Stytch', async () => {
  const bearer = await teamToken('barbara@acme.example', 'acme')
  const first = await migrate(bearer, 'acme')
  expect(first.status, first.text).toBe(200)
  expect(first.headers.get('cache-control')).toContain('no-store')
  const answer = first.json()
  expect(Object.keys(answer).sort()).toEqual([
    'expires_at',
    'member_id',
    'session_jwt',
    'session_token',
  ])
  const all = await stytch.call<{ id: string; slug: string }[]>('GET', 'b2b/organizations')
  const stytchId = all.find(({ slug }) => slug === 'acme')?.id as string
  for (const organization of [organizations.acme.auth0Id, stytchId]) {
    const again = await migrate(bearer, organization)
    expect(again.json()).toMatchObject({
      member_id: answer.member_id,
      session_token: answer.session_token,
    })
  }
  expect((await memberCalls()).filter(({ path }) => path.endsWith('/migrate'))).toHaveLength(1)

  const acme = await ask('/api/team/acme/me', { bearer: answer.session_jwt })
  expect(acme.status, acme.text).toBe(200)
  expect(acme.json()).toMatchObject({ session: { lane: 'stytch' } })
  expect((await ask('/api/team/globex/me', { bearer: answer.session_jwt })).status).toBe(403)
  expect((await ask('/api/me', { bearer: answer.session_jwt })).status).toBe(401)
})

test('refuses another organization than that of the token, also one that the person is a member of', async () => {
  const bearer = await teamToken('frances@acme.example', 'acme')
  const refused = await migrate(bearer, 'globex')
  expect(refused.status).toBe(403)
  expect(refused.json().error.code).toBe('organization_mismatch')
  expect((await memberCalls()).filter(({ path }) => path.endsWith('/migrate'))).toEqual([])
  expect((await migrate(bearer, 'acme')).status).toBe(200)
})

test('refuses a token whose organization Stytch does not know', async () => {
  const bearer = await teamToken('barbara@acme.example', 'acme', { org_id: 'org_elsewhere' })
  const refused = await migrate(bearer, 'org_elsewhere')
  expect(refused.status).toBe(403)
  expect(refused.json().error.code).toBe('organization_unknown')
})

test('refuses a token without an organization, a forged token and the token of another company', async () => {
  const without = await migrate(await teamToken('barbara@acme.example'), 'acme')
  expect([without.status, without.json().error.code]).toEqual([401, 'organization_missing'])
  const forged = await teamToken('barbara@acme.example', 'acme', {}, 'stranger')
  expect((await migrate(forged, 'acme')).status).toBe(401)
  const foreign = await teamToken('barbara@acme.example', 'acme', { azp: 'another-company' })
  const refused = await migrate(foreign, 'acme')
  expect([refused.status, refused.json().error.code]).toEqual([403, 'client_not_allowed'])
  expect(await memberCalls()).toEqual([])
})

test('a token of a team without organization_id opens no session of a consumer', async () => {
  const bearer = await teamToken('barbara@acme.example', 'acme')
  const refused = await ask('/api/sessions/migrate', { method: 'POST', bearer })
  expect([refused.status, refused.json().error.code]).toEqual([403, 'client_not_allowed'])
})

test('the cohort is that of the organization', async () => {
  await roll({ percent: 0, organizations: ['acme'] })
  const claude = await teamToken('claude@acme.example', 'acme')
  const dorothy = await teamToken('dorothy@globex.example', 'globex')
  expect((await migrate(claude, organizations.acme.auth0Id)).status).toBe(200)
  const kept = await migrate(dorothy, organizations.globex.auth0Id)
  expect([kept.status, kept.json().error.code]).toEqual([409, 'not_in_cohort'])
})

test('says that an organization does not let the person in, and the legacy token still works', async () => {
  const bearer = await teamToken('dorothy@globex.example', 'globex')
  const refused = await migrate(bearer, 'globex')
  expect([refused.status, refused.json().error.code]).toEqual([403, 'member_not_provisioned'])
  expect((await ask('/api/team/globex/me', { bearer })).json()).toMatchObject({
    session: { lane: 'legacy' },
  })
})

test('an app without teams says so', async ({ startApp }) => {
  const app = await startApp({
    STYTCH_B2B_PROJECT_ID: '',
    STYTCH_B2B_SECRET: '',
    STYTCH_B2B_PUBLIC_TOKEN: '',
  })
  const answer = await migrate(await teamToken('barbara@acme.example', 'acme'), 'acme', app.url)
  expect([answer.status, answer.json().error.code]).toEqual([400, 'organizations_not_supported'])
  await app.stop()
})
