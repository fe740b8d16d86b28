import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { b2bClient, errorOf, startForTests } from '../fixture.ts'

const standIn = await startForTests()
const { b2b, control } = standIn
const { members } = b2b.organizations
beforeEach(() => control('POST', 'reset'))
afterAll(standIn.close)

const acme = { organization_id: 'acme' }
const admin = 'edsger@acme.example'
const zoe = 'zoe@acme.example'

async function open(email: string, organization = 'acme'): Promise<string> {
  const { body } = await control('POST', 'b2b/session', { email, organization })
  return body.session_token
}

describe('the RBAC policy', () => {
  it('has the roles of Stytch and the editor, with the resources of the app', async () => {
    const { policy } = await b2b.rbac.policy()
    expect(policy?.roles.map(({ role_id }) => role_id)).toEqual([
      'stytch_member',
      'stytch_admin',
      'editor',
    ])
    const resources = policy?.resources.map(({ resource_id }) => resource_id)
    expect(resources).toEqual(expect.arrayContaining(['team.notes', 'team.members']))
  })

  it('gets roles for one organization alone', async () => {
    expect((await b2b.rbac.organizations.getOrgPolicy(acme)).org_policy).toEqual({ roles: [] })
    const org_policy = {
      roles: [
        {
          role_id: 'reviewer',
          description: 'Reads notes',
          permissions: [{ resource_id: 'team.notes', actions: ['read'] }],
        },
      ],
    }
    await b2b.rbac.organizations.setOrgPolicy({ ...acme, org_policy })
    expect((await b2b.rbac.organizations.getOrgPolicy(acme)).org_policy).toEqual(org_policy)
    const { member } = await members.create({ ...acme, email_address: zoe, roles: ['reviewer'] })
    expect(member.roles.map(({ role_id }) => role_id)).toContain('reviewer')
    const elsewhere = members.create({
      organization_id: 'globex',
      email_address: zoe,
      roles: ['reviewer'],
    })
    expect(await errorOf(elsewhere)).toEqual([400, 'invalid_rbac_role_id'])
  })

  it('keeps an organization from replacing a role of the project', async () => {
    const roles = [{ role_id: 'editor', description: '', permissions: [] }]
    const call = b2b.rbac.organizations.setOrgPolicy({ ...acme, org_policy: { roles } })
    expect(await errorOf(call)).toEqual([400, 'rbac_org_custom_roles_only'])
    const wrong = b2b.rbac.organizations.setOrgPolicy({ ...acme, org_policy: {} as never })
    expect(await errorOf(wrong)).toEqual([400, 'bad_request'])
  })
})

describe('an authorization check', () => {
  const check = { organization_id: '', resource_id: 'team.notes', action: 'update' }

  async function checkFor(email: string, change: Partial<typeof check> = {}) {
    const session_token = await open(email)
    const { organization } = await b2b.sessions.authenticate({ session_token })
    const { organization_id } = organization
    const authorization_check = { ...check, organization_id, ...change }
    return b2b.sessions.authenticate({ session_token, authorization_check })
  }

  it('names the roles that grant the action', async () => {
    const { verdict } = await checkFor(admin)
    expect(verdict).toEqual({ authorized: true, granting_roles: ['stytch_admin'] })
  })

  it('refuses an action that no role grants, and an unknown resource', async () => {
    const expected = [403, 'session_authorization_error']
    expect(await errorOf(checkFor(zoe))).toEqual(expected)
    expect(await errorOf(checkFor(admin, { resource_id: 'team.money' }))).toEqual(expected)
  })

  it('refuses another organization, although the person is a member there too', async () => {
    const call = checkFor(admin, { organization_id: 'initech' })
    expect(await errorOf(call)).toEqual([403, 'session_authorization_tenancy_error'])
  })

  it('is done by the SDK with the policy of the organization', async () => {
    const client = b2bClient(standIn.url)
    const { body } = await control('POST', 'b2b/session', {
      email: zoe,
      ...{ organization: 'acme' },
    })
    const { session_jwt } = body
    const { organization } = await b2b.sessions.authenticate({ session_jwt })
    const authorization_check = { ...check, organization_id: organization.organization_id }
    const local = (action: string) =>
      client.sessions.authenticateJwtLocal({
        session_jwt,
        authorization_check: { ...authorization_check, action },
      })
    expect((await local('read')).organization_slug).toBe('acme')
    await expect(local('update')).rejects.toMatchObject({ code: 'invalid_permissions' })
  })
})

describe('a request with the permissions of a member', () => {
  const as = (session_token: string) => ({ authorization: { session_token } })
  const member = (organization_id: string, email_address: string) =>
    members.get({ organization_id, email_address })

  it('lets an administrator invite, search, change and delete members', async () => {
    const options = as(await open(admin))
    const { member_id } = await members.create({ ...acme, email_address: zoe }, options)
    await members.update({ ...acme, member_id, roles: ['editor'] }, options)
    const found = await members.search({ organization_ids: ['acme'] }, options)
    expect(found.members).toHaveLength(2)
    await members.delete({ ...acme, member_id }, options)
    await b2b.organizations.update({ ...acme, organization_name: 'Acme Corp' }, options)
  })

  it('lets a member change the own name, and nobody else', async () => {
    const options = as(await open(zoe))
    const { member_id } = await member('acme', zoe)
    await members.update({ ...acme, member_id, name: 'Zoe' }, options)
    expect((await member('acme', zoe)).member.name).toBe('Zoe')
    const other = await member('acme', admin)
    const call = members.update({ ...acme, member_id: other.member_id, name: 'x' }, options)
    expect(await errorOf(call)).toEqual([403, 'session_authorization_error'])
  })

  it('refuses a member who makes themself an administrator', async () => {
    const options = as(await open(zoe))
    const { member_id } = await member('acme', zoe)
    const call = members.update({ ...acme, member_id, roles: ['stytch_admin'] }, options)
    expect(await errorOf(call)).toEqual([403, 'session_authorization_error'])
    expect((await member('acme', zoe)).member.is_admin).toBe(false)
  })

  it('refuses an administrator of another organization', async () => {
    const options = as(await open(admin))
    const expected = [403, 'session_authorization_tenancy_error']
    const create = members.create({ organization_id: 'initech', email_address: zoe }, options)
    expect(await errorOf(create)).toEqual(expected)
    const search = members.search({ organization_ids: ['acme', 'initech'] }, options)
    expect(await errorOf(search)).toEqual(expected)
  })

  it('refuses a change of trusted metadata, also to an administrator', async () => {
    const options = as(await open(admin))
    const { member_id } = await member('acme', admin)
    const call = members.update({ ...acme, member_id, trusted_metadata: { a: 1 } }, options)
    expect(await errorOf(call)).toEqual([403, 'session_authorization_error'])
  })

  it('refuses a dead session, and a call that the stand-in does not play this way', async () => {
    const dead = members.create({ ...acme, email_address: zoe }, as('x'))
    expect(await errorOf(dead)).toEqual([404, 'session_not_found'])
    const { member_id } = await member('acme', admin)
    const call = members.deleteTOTP({ ...acme, member_id }, as(await open(admin)))
    expect(await errorOf(call)).toEqual([501, 'stand_in_not_implemented'])
  })
})
