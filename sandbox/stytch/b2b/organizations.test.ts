import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { organizations } from '../../settings.ts'
import { errorOf, startForTests } from '../fixture.ts'

const standIn = await startForTests()
const { b2b, control } = standIn
beforeEach(() => control('POST', 'reset'))
afterAll(standIn.close)

const acme = { organization_id: 'acme' }

describe('organizations', () => {
  it('are created with the default settings of Stytch', async () => {
    const { organization, status_code } = await b2b.organizations.create({
      organization_name: 'Hooli Inc',
      organization_external_id: 'org_hooli',
    })
    expect(status_code).toBe(200)
    expect(organization).toMatchObject({
      organization_name: 'Hooli Inc',
      organization_slug: 'hooli-inc',
      organization_external_id: 'org_hooli',
      email_jit_provisioning: 'NOT_ALLOWED',
      email_invites: 'ALL_ALLOWED',
      auth_methods: 'ALL_ALLOWED',
      mfa_policy: 'OPTIONAL',
    })
    expect(organization.organization_id).toMatch(/^organization-test-[0-9a-f-]{36}$/)
  })

  it('are found by id, by slug and by external id', async () => {
    const { organization } = await b2b.organizations.get(acme)
    for (const organization_id of [organization.organization_id, organizations.acme.auth0Id]) {
      const found = await b2b.organizations.get({ organization_id })
      expect(found.organization.organization_name).toBe('Acme')
    }
  })

  it('are found by a slug before an external id, so that a slug can hide another organization', async () => {
    const organization_slug = organizations.acme.auth0Id
    await b2b.organizations.create({ organization_name: 'Evil', organization_slug })
    const { organization } = await b2b.organizations.get({ organization_id: organization_slug })
    expect(organization).toMatchObject({ organization_name: 'Evil' })
    expect(organization.organization_external_id).toBeUndefined()
  })

  it('are updated, and metadata is merged', async () => {
    await b2b.organizations.update({ ...acme, trusted_metadata: { plan: 'pro', seats: 5 } })
    const { organization } = await b2b.organizations.update({
      ...acme,
      organization_name: 'Acme Corp',
      organization_slug: 'acme-corp',
      auth_methods: 'RESTRICTED',
      allowed_auth_methods: ['magic_link'],
      mfa_policy: 'REQUIRED_FOR_ALL',
      trusted_metadata: { seats: null },
    })
    expect(organization).toMatchObject({
      organization_name: 'Acme Corp',
      organization_slug: 'acme-corp',
      allowed_auth_methods: ['magic_link'],
      mfa_policy: 'REQUIRED_FOR_ALL',
      trusted_metadata: { plan: 'pro' },
    })
    expect(await errorOf(b2b.organizations.get(acme))).toEqual([404, 'organization_not_found'])
  })

  it('lose their external id', async () => {
    const { organization } = await b2b.organizations.deleteExternalId(acme)
    expect(organization.organization_external_id).toBeUndefined()
    const byExternalId = b2b.organizations.get({ organization_id: organizations.acme.auth0Id })
    expect(await errorOf(byExternalId)).toEqual([404, 'organization_not_found'])
  })

  it('count their members', async () => {
    expect(await b2b.organizations.metrics(acme)).toMatchObject({ member_count: 1 })
  })

  it('are deleted with their members and the sessions of the members', async () => {
    const email = 'edsger@acme.example'
    const { body } = await control('POST', 'b2b/session', { email, organization: 'acme' })
    const { member_id } = await b2b.organizations.members.get({ ...acme, email_address: email })
    await b2b.organizations.delete(acme)
    expect(await errorOf(b2b.organizations.get(acme))).toEqual([404, 'organization_not_found'])
    const { session_token } = body
    const session = b2b.sessions.authenticate({ session_token })
    expect(await errorOf(session)).toEqual([404, 'session_not_found'])
    const member = b2b.organizations.members.dangerouslyGet({ member_id, include_deleted: true })
    expect(await errorOf(member)).toEqual([404, 'member_not_found'])
  })

  it('are restored by a reset with the same ids', async () => {
    const before = await b2b.organizations.get(acme)
    await b2b.organizations.delete(acme)
    await control('POST', 'reset')
    const after = await b2b.organizations.get(acme)
    expect(after.organization.organization_id).toBe(before.organization.organization_id)
  })
})

describe('the seed', () => {
  it('lets a member of the domain join Acme, and nobody join Globex', async () => {
    const { organization } = await b2b.organizations.get(acme)
    expect(organization).toMatchObject({
      organization_external_id: organizations.acme.auth0Id,
      email_jit_provisioning: 'RESTRICTED',
      email_allowed_domains: ['acme.example'],
    })
    const globex = await b2b.organizations.get({ organization_id: organizations.globex.auth0Id })
    expect(globex.organization).toMatchObject({
      organization_slug: 'globex',
      email_jit_provisioning: 'NOT_ALLOWED',
      email_invites: 'NOT_ALLOWED',
    })
  })

  it('has one person in two organizations, and no member whom Auth0 knows', async () => {
    const { body } = await control('GET', 'b2b/organizations')
    const members = (body as { slug: string; members: { email: string }[] }[]).map(
      ({ slug, members }) => [slug, members.map(({ email }) => email)],
    )
    expect(members).toEqual([
      ['acme', ['edsger@acme.example']],
      ['globex', []],
      ['initech', ['edsger@acme.example']],
    ])
  })
})

describe('refuses', () => {
  it.each([
    ['organization_slug_already_used', { organization_slug: 'globex' }],
    ['invalid_organization_slug', { organization_slug: 'a b' }],
    [
      'organization_external_id_already_used',
      { organization_external_id: organizations.globex.auth0Id },
    ],
    ['invalid_organization_external_id', { organization_external_id: 'a b' }],
    ['invalid_organization_auth_method_settings', { auth_methods: 'RESTRICTED' }],
    ['invalid_organization_allowed_auth_methods', { allowed_auth_methods: ['telepathy'] }],
    ['invalid_organization_mfa_policy', { mfa_policy: 'SOMETIMES' }],
    ['organization_settings_invalid_domain', { email_allowed_domains: ['acme'] }],
    ['invalid_organization_auth_factor_setting', { email_invites: 'SOMETIMES' }],
    [
      'invalid_organization_auth_factor_setting_for_email_jit_provisioning',
      { email_allowed_domains: [] },
    ],
    ['allowed_mfa_methods_required_for_restricted', { mfa_methods: 'RESTRICTED' }],
    [
      'invalid_rbac_role_id',
      { rbac_email_implicit_role_assignments: [{ domain: 'acme.example', role_id: 'nobody' }] },
    ],
  ])('%s, and changes nothing', async (type, change) => {
    const before = await b2b.organizations.get(acme)
    const update = b2b.organizations.update({ ...acme, organization_name: 'New', ...change })
    expect(await errorOf(update)).toEqual([400, type])
    const after = await b2b.organizations.get(acme)
    expect(after.organization).toEqual(before.organization)
  })

  it('a setting of connections that the stand-in does not play', async () => {
    const update = b2b.organizations.update({ ...acme, claimed_email_domains: ['acme.example'] })
    expect(await errorOf(update)).toEqual([501, 'stand_in_not_implemented'])
  })

  it('a new organization with an invalid setting, and creates none', async () => {
    const create = b2b.organizations.create({ organization_name: 'Hooli', mfa_policy: 'x' })
    expect(await errorOf(create)).toEqual([400, 'invalid_organization_mfa_policy'])
    const found = b2b.organizations.get({ organization_id: 'hooli' })
    expect(await errorOf(found)).toEqual([404, 'organization_not_found'])
  })
})
