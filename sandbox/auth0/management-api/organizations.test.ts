import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { auth0Roles, auth0Tenant, demoUsers, organizations as seeds } from '../../settings.ts'
import { managementClient, startForTests } from '../fixture.ts'

const standIn = await startForTests()
let { organizations, roles, users } = managementClient(standIn)
beforeEach(async () => {
  await standIn.control('POST', 'reset')
  const client = managementClient(standIn)
  organizations = client.organizations
  roles = client.roles
  users = client.users
})
afterAll(standIn.close)

const acme = seeds.acme.auth0Id
const subjectOf = (name: string) =>
  demoUsers.find(({ email }) => email.startsWith(`${name}@`))?.subject ?? 'nobody'
const [ada, barbara, frances] = ['ada', 'barbara', 'frances'].map(subjectOf) as [
  string,
  string,
  string,
]

const namesOf = (list: { name?: string }[]) => list.map(({ name }) => name)

describe('organizations', () => {
  it('are found by id and by name', async () => {
    const expected = { id: acme, name: 'acme', display_name: 'Acme' }
    expect(await organizations.get(acme)).toMatchObject(expected)
    expect(await organizations.getByName('acme')).toMatchObject(expected)
    const notFound = {
      statusCode: 404,
      body: { statusCode: 404, error: 'Not Found', errorCode: 'inexistent_organization' },
    }
    await expect(organizations.get('org_nobody')).rejects.toMatchObject(notFound)
    await expect(organizations.getByName('nobody')).rejects.toMatchObject(notFound)
  })

  it('are listed page by page', async () => {
    let page = await organizations.list({ take: 1 })
    expect(namesOf(page.data)).toEqual(['acme'])
    expect(page.hasNextPage()).toBe(true)
    page = await page.getNextPage()
    expect(namesOf(page.data)).toEqual(['globex'])
    expect(page.hasNextPage()).toBe(false)
    await expect(organizations.list({ take: 101 })).rejects.toMatchObject({ statusCode: 400 })
  })

  it('are created, changed and deleted', async () => {
    const { id = '' } = await organizations.create({
      name: 'hooli',
      display_name: 'Hooli',
      metadata: { plan: 'pro' },
    })
    expect(id).toMatch(/^org_[A-Za-z0-9]{16}$/)
    await organizations.update(id, { display_name: 'Hooli XYZ' })
    expect(await organizations.get(id)).toEqual({
      id,
      name: 'hooli',
      display_name: 'Hooli XYZ',
      metadata: { plan: 'pro' },
    })
    await organizations.delete(id)
    await expect(organizations.get(id)).rejects.toMatchObject({ statusCode: 404 })
  })

  it('have a name of their own, in lower case', async () => {
    await expect(organizations.create({ name: 'acme' })).rejects.toMatchObject({
      statusCode: 409,
      body: { statusCode: 409, error: 'Conflict' },
    })
    await expect(organizations.create({ name: 'Acme Ltd' })).rejects.toMatchObject({
      statusCode: 400,
      body: { errorCode: 'invalid_body' },
    })
  })
})

describe('members', () => {
  it('are listed, with their roles only if the request names them', async () => {
    const { data } = await organizations.members.list(acme)
    expect(data.map(({ user_id }) => user_id)).toEqual([barbara, subjectOf('claude'), frances])
    expect(data[0]).not.toHaveProperty('roles')
    const withRoles = await organizations.members.list(acme, { fields: 'user_id,roles' })
    expect(withRoles.data[0]).toEqual({
      user_id: barbara,
      roles: [{ id: auth0Roles.admin, name: 'admin' }],
    })
  })

  it('are added and removed', async () => {
    await organizations.members.create(acme, { members: [ada] })
    expect(namesOf((await users.organizations.list(ada)).data)).toEqual(['acme'])
    await organizations.members.delete(acme, { members: [ada] })
    expect((await users.organizations.list(ada)).data).toEqual([])
    await expect(
      organizations.members.create(acme, { members: ['auth0|nobody'] }),
    ).rejects.toMatchObject({ statusCode: 404, body: { errorCode: 'inexistent_user' } })
  })

  it('keep their roles when they are added a second time', async () => {
    await organizations.members.create(acme, { members: [barbara] })
    expect(namesOf((await organizations.members.roles.list(acme, barbara)).data)).toEqual(['admin'])
  })

  it('get and lose roles', async () => {
    await organizations.members.roles.assign(acme, barbara, { roles: [auth0Roles.editor] })
    const { data } = await organizations.members.roles.list(acme, barbara)
    expect(namesOf(data)).toEqual(['admin', 'editor'])
    await organizations.members.roles.delete(acme, barbara, { roles: [auth0Roles.admin] })
    const left = await organizations.members.roles.list(acme, barbara)
    expect(namesOf(left.data)).toEqual(['editor'])
  })

  it('alone have roles', async () => {
    await expect(
      organizations.members.roles.assign(acme, ada, { roles: [auth0Roles.editor] }),
    ).rejects.toMatchObject({ statusCode: 400 })
    await expect(
      organizations.members.roles.assign(acme, barbara, { roles: ['rol_nobody'] }),
    ).rejects.toMatchObject({ statusCode: 404 })
  })

  it('of several organizations have a list of them', async () => {
    const { data } = await users.organizations.list(frances)
    expect(namesOf(data)).toEqual(['acme', 'globex'])
  })

  it('are forgotten with the user', async () => {
    await users.delete(frances)
    const { data } = await organizations.members.list(acme)
    expect(data.map(({ user_id }) => user_id)).not.toContain(frances)
  })
})

it('roles are created and found by name and by id', async () => {
  const { id = '' } = await roles.create({ name: 'billing', description: 'Pays' })
  expect(namesOf((await roles.list({ name_filter: 'bill' })).data)).toEqual(['billing'])
  expect(await roles.get(id)).toEqual({ id, name: 'billing', description: 'Pays' })
  await expect(roles.get('rol_nobody')).rejects.toMatchObject({ statusCode: 404 })
})

it('connections are enabled and disabled', async () => {
  const { id = '' } = await organizations.create({ name: 'hooli' })
  const { enabledConnections } = organizations
  expect((await enabledConnections.list(id)).data).toEqual([])
  const connection_id = auth0Tenant.connectionId
  await enabledConnections.add(id, { connection_id, assign_membership_on_login: true })
  expect((await enabledConnections.list(id)).data).toMatchObject([
    { connection_id, assign_membership_on_login: true, connection: { strategy: 'auth0' } },
  ])
  await expect(enabledConnections.add(id, { connection_id })).rejects.toMatchObject({
    statusCode: 409,
  })
  await enabledConnections.delete(id, connection_id)
  expect((await enabledConnections.list(id)).data).toEqual([])
})

describe('invitations', () => {
  const input = {
    inviter: { name: 'Barbara Liskov' },
    invitee: { email: 'new@acme.example' },
    client_id: auth0Tenant.team.clientId,
  }

  it('are mailed, listed and withdrawn', async () => {
    const created = await organizations.invitations.create(acme, input)
    const { body } = await standIn.control('GET', 'inbox')
    expect(body).toMatchObject([
      { to: 'new@acme.example', kind: 'organization-invitation', link: created.invitation_url },
    ])
    const { data } = await organizations.invitations.list(acme)
    expect(data).toEqual([created])
    await organizations.invitations.delete(acme, created.id ?? '')
    await expect(organizations.invitations.get(acme, created.id ?? '')).rejects.toMatchObject({
      statusCode: 404,
    })
  })

  it('are not mailed if the request says so', async () => {
    await organizations.invitations.create(acme, { ...input, send_invitation_email: false })
    expect((await standIn.control('GET', 'inbox')).body).toEqual([])
  })
})

it.each([
  ['read:organizations', () => organizations.list()],
  ['create:organizations', () => organizations.create({ name: 'hooli' })],
  ['read:organization_members', () => organizations.members.list(acme)],
  ['create:organization_members', () => organizations.members.create(acme, { members: [ada] })],
  ['read:organization_member_roles', () => organizations.members.roles.list(acme, barbara)],
  ['read:roles', () => roles.list()],
])('refuses a client without the scope %s', async (scope, ask) => {
  const { body } = await standIn.control('GET', 'tenant')
  const managementScope = body.managementScope.replace(scope, '')
  await standIn.control('PUT', 'tenant', { managementScope })
  await expect(ask()).rejects.toMatchObject({
    statusCode: 403,
    body: { errorCode: 'insufficient_scope', message: expect.stringContaining(scope) },
  })
})
