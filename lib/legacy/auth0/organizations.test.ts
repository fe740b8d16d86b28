import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { startAuth0StandIn } from '../../../sandbox/auth0/server.ts'
import { appEnvironment, auth0Roles, demoUsers, organizations } from '../../../sandbox/settings.ts'
import { controlClient } from '../../../sandbox/stand-in/control-client.ts'
import {
  addMember,
  assignRoles,
  isMember,
  membersOf,
  organizationOf,
  organizationsOf,
  removeMember,
  rolesOfMember,
} from './organizations'

const standIn = await startAuth0StandIn({ port: 0, log: () => {} })
Object.assign(process.env, appEnvironment, { AUTH0_DOMAIN: standIn.url })
const control = controlClient(standIn.url)
beforeEach(() => control('POST', 'reset'))
afterAll(standIn.close)

const [acme, globex] = [organizations.acme.auth0Id, organizations.globex.auth0Id]
const subjectOf = (name: string) =>
  demoUsers.find(({ email }) => email.startsWith(`${name}@`))?.subject ?? ''
const [ada, barbara, frances] = [subjectOf('ada'), subjectOf('barbara'), subjectOf('frances')]

describe('organizationOf', () => {
  it.each([acme, 'acme'])('finds an organization by %s', async (idOrName) => {
    expect(await organizationOf(idOrName)).toEqual({ id: acme, name: 'acme', displayName: 'Acme' })
  })

  it.each(['org_nobody', 'nobody'])('finds none by %s', async (idOrName) => {
    expect(await organizationOf(idOrName)).toBeNull()
  })
})

describe('the members of an organization', () => {
  it('have their roles', async () => {
    const [first] = await membersOf(acme)
    const roles = [{ id: auth0Roles.admin, name: 'admin' }]
    expect(first).toEqual({
      userId: barbara,
      email: 'barbara@acme.example',
      name: 'Barbara Liskov',
      roles,
    })
    expect(await rolesOfMember(acme, barbara)).toEqual(roles)
  })

  it('are read from every page', async () => {
    const body = { members: [{ user_id: barbara }], next: '1' }
    const firstPage = { path: '/api/v2/organizations/*', status: 200, body, times: 1 }
    await control('PUT', 'faults', [firstPage])
    const found = (await membersOf(acme)).map(({ userId }) => userId)
    expect(found).toEqual([barbara, subjectOf('claude'), frances])
  })

  it('get a role, and keep it when they are added again', async () => {
    await addMember(acme, ada)
    await assignRoles(acme, ada, [auth0Roles.editor])
    await assignRoles(acme, ada, [])
    await addMember(acme, ada)
    expect(await rolesOfMember(acme, ada)).toEqual([{ id: auth0Roles.editor, name: 'editor' }])
  })

  it('are removed, also twice', async () => {
    await removeMember(acme, barbara)
    await removeMember(acme, barbara)
    expect(await isMember(acme, barbara)).toBe(false)
    expect(await organizationsOf(barbara)).toEqual([])
  })
})

describe('a member of two organizations', () => {
  it('is a member of each, and stays one of the other', async () => {
    expect((await organizationsOf(frances)).map(({ id }) => id)).toEqual([acme, globex])
    await removeMember(acme, frances)
    expect(await isMember(acme, frances)).toBe(false)
    expect(await isMember(globex, frances)).toBe(true)
  })
})

it('a user who does not exist is a member of nothing', async () => {
  expect(await isMember(acme, 'auth0|nobody')).toBe(false)
})

describe('an error', () => {
  it('is a refusal when the organization or the member does not exist', async () => {
    await expect(membersOf('org_nobody')).rejects.toMatchObject({
      code: 'legacy_refused',
      errorCode: 'inexistent_organization',
      status: 404,
    })
    await expect(rolesOfMember(acme, ada)).rejects.toMatchObject({ code: 'legacy_refused' })
    await expect(addMember(acme, 'auth0|nobody')).rejects.toMatchObject({ status: 404 })
  })

  it('is a failure when the provider limits the rate or is down', async () => {
    await control('PUT', 'faults', [
      { path: '/api/v2/organizations/*', status: 429, headers: { 'retry-after': '2' } },
    ])
    await expect(membersOf(acme)).rejects.toMatchObject({
      code: 'rate_limited',
      provider: 'legacy',
      retryAt: expect.any(Date),
    })
    await control('PUT', 'faults', [{ path: '/api/v2/users/*', status: 503 }])
    await expect(isMember(acme, barbara)).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('is a failure when the machine client has too few scopes', async () => {
    await control('PUT', 'tenant', { managementScope: 'read:users' })
    // The SDK keeps its token for a day.
    vi.resetModules()
    const anew = await import('./organizations')
    await expect(anew.organizationOf(acme)).rejects.toMatchObject({ code: 'unavailable' })
  })
})
