import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { organizations } from '../../../sandbox/settings.ts'
import { presets } from '../policy/document'
import { rolling } from '../testing'
import { readOrganization, readOrganizations } from './organization-overview'
import { type MemberMigrationFixture, startMemberMigrationForTests } from './testing'

let fixture: MemberMigrationFixture
beforeAll(async () => {
  fixture = await startMemberMigrationForTests()
})
afterAll(() => fixture.stop())

const inForce = (rules: Parameters<typeof rolling>[0]) => ({ ...rolling(rules), version: 1 })
const nobody = { ...presets['before-the-migration'], version: 1 }

describe('the organizations in the control room', () => {
  it('are those of both providers, before anybody has opened one here', async () => {
    const { organizations: rows, answers } = await readOrganizations(nobody)
    expect(answers).toEqual({ stytch: true, legacy: true })
    expect(rows.map(({ slug, stytchId, legacyId }) => [slug, stytchId !== null, legacyId])).toEqual(
      [
        ['acme', true, organizations.acme.auth0Id],
        ['globex', true, organizations.globex.auth0Id],
        ['initech', true, null],
      ],
    )
    expect(rows[0]).toMatchObject({
      name: 'Acme',
      opened: 0,
      carriedOver: 0,
      legacyMembers: { count: 3, hasMore: false },
      cohort: { flow: 'legacy', reason: 'nobody' },
      hasTwin: false,
    })
  })

  it('show who has been carried over', async () => {
    const session = await fixture.sessionOf('barbara@acme.example', 'acme')
    expect(await fixture.carry(session)).toMatchObject({ result: 'migrated' })
    expect(await readOrganization(nobody, 'acme')).toMatchObject({ opened: 1, carriedOver: 1 })
    expect(await readOrganization(nobody, 'globex')).toMatchObject({ opened: 0, carriedOver: 0 })
  })

  it.each(['acme', organizations.acme.auth0Id])(
    'get their flow when %s is listed',
    async (entry) => {
      const { organizations: rows } = await readOrganizations(inForce({ organizations: [entry] }))
      expect(rows.map(({ slug, cohort }) => [slug, cohort])).toEqual([
        ['acme', { flow: 'stytch', reason: 'organization' }],
        ['globex', { flow: 'legacy', reason: 'percent' }],
        ['initech', { flow: 'legacy', reason: 'percent' }],
      ])
    },
  )

  it('with one slug at both providers, and no external id, are two', async () => {
    await fixture.management('POST', 'organizations', { name: 'initech', display_name: 'Initech' })
    const { organizations: rows } = await readOrganizations(nobody)
    const twins = rows.filter(({ slug }) => slug === 'initech')
    expect(twins.map(({ hasTwin }) => hasTwin)).toEqual([true, true])
    expect(new Set(twins.map(({ stytchId }) => stytchId === null))).toEqual(new Set([true, false]))
  })

  it('have an unknown number of members while Auth0 does not answer, and can be moved', async () => {
    const fault = { path: '/api/v2/organizations*', status: 503, body: {} }
    await fixture.auth0.control('PUT', 'faults', [
      fault,
      { ...fault, path: '/api/v2/organizations/*' },
    ])
    // Counts are cached for half a minute, and nobody has asked for those of a new organization.
    const { organization } = await fixture.stytch.b2b.organizations.create({
      organization_name: 'Umbrella',
      organization_slug: 'umbrella',
      organization_external_id: 'org_umbrella',
    })
    const { organizations: rows, answers } = await readOrganizations(nobody)
    await fixture.auth0.control('DELETE', 'faults')
    expect(answers).toEqual({ stytch: true, legacy: false })
    expect(rows.find(({ stytchId }) => stytchId === organization.organization_id)).toMatchObject({
      slug: 'umbrella',
      legacyMembers: null,
      stytchAnswers: true,
    })
  })

  it('are those that this app knows while no provider answers', async () => {
    const fault = { status: 503, body: {} }
    await fixture.stytch.control('PUT', 'faults', [{ path: '/v1/b2b/*', ...fault }])
    await fixture.auth0.control('PUT', 'faults', [{ path: '/api/v2/*', ...fault }])
    const { organizations: rows, answers } = await readOrganizations(nobody)
    await fixture.stytch.control('DELETE', 'faults')
    await fixture.auth0.control('DELETE', 'faults')
    expect(answers).toEqual({ stytch: false, legacy: false })
    expect(rows.map(({ slug, stytchAnswers }) => [slug, stytchAnswers])).toEqual([['acme', false]])
  })
})
