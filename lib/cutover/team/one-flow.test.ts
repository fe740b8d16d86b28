import { afterAll, beforeAll, expect, it } from 'vitest'
import { rememberOrganization } from '../../team/organization'
import type { PolicyInForce } from '../policy/document'
import { assess } from '../routing/assess'
import { rolling } from '../testing'
import { members } from './audience'
import { findTeam } from './find-organization'
import { type MemberMigrationFixture, startMemberMigrationForTests } from './testing'

let fixture: MemberMigrationFixture
beforeAll(async () => {
  fixture = await startMemberMigrationForTests()
})
afterAll(() => fixture.stop())

const tokenOf = async (email: string, organization: string, claims: object) => {
  const { body } = await fixture.auth0.control('POST', 'token', {
    email,
    organization,
    client: 'team',
    claims,
  })
  return `Bearer ${body.access_token}`
}

const flowAt = async (policy: PolicyInForce, slug: string, headers: HeadersInit) => {
  const addressee = { audience: members, organization: slug }
  const { cohort } = await assess(new Headers(headers), 'page', policy, new Date(), addressee)
  return cohort.flow
}

it('one team never sees two logins: the address decides, whatever the session or the device says', async () => {
  const visitors: HeadersInit[] = [
    {},
    { authorization: await tokenOf('barbara@acme.example', 'acme', {}) },
    { authorization: await tokenOf('barbara@acme.example', 'acme', { org_name: undefined }) },
    { authorization: await tokenOf('claude@acme.example', 'acme', { org_name: 'acme-corp' }) },
    { authorization: await tokenOf('dorothy@globex.example', 'globex', {}) },
    { authorization: 'Bearer made-up' },
  ]
  const seen = new Set<string>()
  for (const percent of [1, 10, 30, 50, 70, 90, 99]) {
    const policy = { ...rolling({ percent }), version: 1 }
    for (const slug of ['acme', 'globex', 'initech']) {
      const flows = new Set(
        await Promise.all(visitors.map((headers) => flowAt(policy, slug, headers))),
      )
      expect(flows.size, `${slug} at ${percent}%`).toBe(1)
      for (const flow of flows) seen.add(flow)
    }
  }
  expect(seen.size).toBe(2)
})

it("a session of a listed organization does not open another organization's Stytch login", async () => {
  const policy = { ...rolling({ organizations: ['acme', 'org_acme000000000001'] }), version: 1 }
  const acme = { authorization: await tokenOf('barbara@acme.example', 'acme', {}) }
  expect(await flowAt(policy, 'acme', acme)).toBe('stytch')
  expect(await flowAt(policy, 'globex', acme)).toBe('legacy')
})

it('a token counts by its org_id, where its org_name is in no list', async () => {
  const policy = { ...rolling({ organizations: ['org_acme000000000001'] }), version: 1 }
  const headers = { authorization: await tokenOf('barbara@acme.example', 'acme', {}) }
  const { cohort } = await assess(new Headers(headers), 'api', policy, new Date(), {
    audience: members,
  })
  expect(cohort).toEqual({ flow: 'stytch', reason: 'organization' })
})

it('a team has one address, that of its slug at Stytch, and its name at Auth0 is no second one', async () => {
  const { auth0 } = fixture
  const { body: token } = await auth0.machineToken()
  const answer = await fetch(`${auth0.url}/api/v2/organizations`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token.access_token}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ name: 'umbrella-corp', display_name: 'Umbrella' }),
  })
  const { id } = (await answer.json()) as { id: string }
  expect(await findTeam('umbrella-corp')).toMatchObject({ slug: 'umbrella-corp', legacyId: id })
  const linked = { slug: 'umbrella', name: 'Umbrella', stytchId: 's-umbrella', legacyId: id }
  await rememberOrganization(linked)
  expect(await findTeam('umbrella-corp')).toBeNull()
  expect(await findTeam('umbrella')).toMatchObject(linked)
})
