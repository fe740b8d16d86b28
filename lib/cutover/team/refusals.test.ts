import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StytchOrganization } from '../../team/stytch/organizations'
import { readCredentials } from '../../token/credentials'
import { MigrationRefused } from '../migration/outcome'
import { members } from './audience'
import { linkedOrganization } from './linked-organization'
import { allowsProvisioning } from './provisioning'
import { later, type MemberMigrationFixture, startMemberMigrationForTests } from './testing'

let fixture: MemberMigrationFixture
beforeAll(async () => {
  fixture = await startMemberMigrationForTests()
})
afterAll(() => fixture.stop())

const refused = (reason: string) => ({ result: 'refused', reason })

describe('the organization of a session', () => {
  it('is missing in a token of a person, which is no session of a team', async () => {
    const { body } = await fixture.auth0.control('POST', 'token', {
      email: 'barbara@acme.example',
      client: 'team',
    })
    const headers = new Headers({ authorization: `Bearer ${body.access_token}` })
    expect(
      await members.readLegacy(readCredentials(headers), members.registry(), new Date()),
    ).toEqual({ state: 'none', refusal: 'organization_missing' })
  })

  it('is unknown while no organization at Stytch has its id as external id', async () => {
    const session = await fixture.sessionOf('barbara@acme.example', 'acme', { org_id: 'org_new' })
    expect(await fixture.carry(session)).toMatchObject(refused('organization_unknown'))
  })

  it('costs no call to Stytch with each request of an API client, while it is unknown', async () => {
    await expect(linkedOrganization('org_unlinked')).rejects.toThrow(MigrationRefused)
    await fixture.stytch.control('DELETE', 'requests')
    for (let request = 0; request < 5; request += 1) {
      await expect(linkedOrganization('org_unlinked')).rejects.toThrow(MigrationRefused)
    }
    expect((await fixture.stytch.control('GET', 'requests')).body).toEqual([])
  })

  it("is not one whose slug an attacker made equal to another organization's legacy id", async () => {
    await fixture.stytch.b2b.organizations.create({
      organization_name: 'Mallory',
      organization_slug: 'org_victim',
    })
    const session = await fixture.sessionOf('claude@acme.example', 'acme', { org_id: 'org_victim' })
    expect(await fixture.carry(session)).toMatchObject(refused('organization_unknown'))
    expect(await fixture.membersOf('claude@acme.example', 'org_victim')).toEqual([])
  })

  it('is the only one that a token is carried over into, of two organizations of the person', async () => {
    const email = 'frances@acme.example'
    const outcome = await fixture.carry(await fixture.sessionOf(email, 'acme'))
    expect(outcome).toMatchObject({ result: 'migrated' })
    expect(await fixture.memberSessionsOf(email, 'acme')).toHaveLength(1)
    expect(await fixture.membersOf(email, 'globex')).toEqual([])
  })

  it('is refused to a person who is not a member at Auth0 any more, though the token is still valid', async () => {
    const { email, subject } = await fixture.addLegacyMember('acme')
    const session = await fixture.sessionOf(email, 'acme')
    await fixture.removeLegacyMember('acme', subject)
    expect(await fixture.carry(session)).toMatchObject(refused('not_a_member'))
    expect(await fixture.membersOf(email, 'acme')).toEqual([])
  })
})

describe('a person without a member at Stytch', () => {
  it('stays on the legacy lane where the organization lets nobody in, until it does', async () => {
    const { email } = await fixture.addLegacyMember('globex')
    const session = await fixture.sessionOf(email, 'globex')
    expect(await fixture.carry(session)).toMatchObject(refused('member_not_provisioned'))
    expect(await fixture.membersOf(email, 'globex')).toEqual([])
    await fixture.stytch.b2b.organizations.members.create({
      organization_id: 'globex',
      email_address: email,
      external_id: session.subject,
    })
    expect(await fixture.carry(session, { now: later() })).toMatchObject({ result: 'migrated' })
  })

  it('stays on the legacy lane with an address that the organization does not allow', async () => {
    const { email } = await fixture.addLegacyMember('acme', 'contractor@elsewhere.example')
    const session = await fixture.sessionOf(email, 'acme')
    expect(await fixture.carry(session)).toMatchObject(refused('member_not_provisioned'))
  })

  it('stays on the legacy lane until the person accepts an invitation of Stytch', async () => {
    const { email } = await fixture.addLegacyMember('acme')
    await fixture.stytch.b2b.organizations.members.create({
      organization_id: 'acme',
      email_address: email,
    })
    const member = { email, organization: 'acme', status: 'invited' }
    await fixture.stytch.control('PUT', 'b2b/member', member)
    const session = await fixture.sessionOf(email, 'acme')
    expect(await fixture.carry(session)).toMatchObject(refused('member_not_provisioned'))
  })

  const settings: StytchOrganization = {
    id: 'organization-test-1',
    slug: 'acme',
    name: 'Acme',
    externalId: null,
    requiresMfa: false,
    allowsJoining: false,
    invites: 'none',
    allowedDomains: ['acme.example'],
  }
  it.each<[Partial<StytchOrganization>, boolean]>([
    [{}, false],
    [{ invites: 'all' }, true],
    [{ invites: 'allowed_domains' }, true],
    [{ invites: 'allowed_domains', allowedDomains: ['other.example'] }, false],
    [{ allowsJoining: true }, true],
    [{ allowsJoining: true, allowedDomains: [] }, false],
    [{ allowsJoining: true, allowedDomains: ['example'] }, false],
  ])('is created with the settings %j: %s', (changed, allowed) => {
    const organization = { ...settings, ...changed }
    expect(allowsProvisioning(organization, 'ada@acme.example')).toBe(allowed)
  })
})

describe('a member who was deleted at Stytch', () => {
  it('does not come back by another legacy session', async () => {
    const { email } = await fixture.addLegacyMember('acme')
    const outcome = await fixture.carry(await fixture.sessionOf(email, 'acme'))
    if (outcome.result !== 'migrated') throw new Error(JSON.stringify(outcome))
    await fixture.stytch.b2b.organizations.members.delete({
      organization_id: 'acme',
      member_id: outcome.userId,
    })
    const session = await fixture.sessionOf(email, 'acme')
    expect(await fixture.carry(session)).toMatchObject(refused('member_deleted'))
    expect(await fixture.membersOf(email, 'acme')).toHaveLength(1)
  })

  it('does not come back with the new address that the person has at Auth0', async () => {
    const { email, subject } = await fixture.addLegacyMember('acme')
    const outcome = await fixture.carry(await fixture.sessionOf(email, 'acme'))
    if (outcome.result !== 'migrated') throw new Error(JSON.stringify(outcome))
    await fixture.stytch.b2b.organizations.members.delete({
      organization_id: 'acme',
      member_id: outcome.userId,
    })
    const moved = `new-${email}`
    await fixture.management('PATCH', `users/${encodeURIComponent(subject)}`, {
      email: moved,
      email_verified: true,
    })
    const session = await fixture.sessionOf(moved, 'acme')
    expect(await fixture.carry(session)).toMatchObject(refused('member_deleted'))
  })

  it('does not come back if the member was never carried over', async () => {
    const { email } = await fixture.addLegacyMember('acme')
    const { member_id } = await fixture.stytch.b2b.organizations.members.create({
      organization_id: 'acme',
      email_address: email,
    })
    await fixture.stytch.b2b.organizations.members.delete({ organization_id: 'acme', member_id })
    const session = await fixture.sessionOf(email, 'acme')
    expect(await fixture.carry(session)).toMatchObject(refused('member_deleted'))
  })
})

describe('a member whom Stytch has locked', () => {
  it('gets no session before the lock ends', async () => {
    const { email, subject } = await fixture.addLegacyMember('acme')
    const lock = (locked: boolean) =>
      fixture.stytch.control('PUT', 'b2b/member', { email, organization: 'acme', locked })
    await fixture.stytch.b2b.organizations.members.create({
      organization_id: 'acme',
      email_address: email,
      external_id: subject,
    })
    await lock(true)
    const session = await fixture.sessionOf(email, 'acme')
    expect(await fixture.carry(session)).toMatchObject(refused('member_deleted'))
    await lock(false)
    expect(await fixture.carry(session, { now: later() })).toMatchObject({ result: 'migrated' })
  })
})

describe('a member whose address differs', () => {
  it('is refused, because Stytch would open the session of another member', async () => {
    const { email, subject } = await fixture.addLegacyMember('acme')
    await fixture.stytch.b2b.organizations.members.create({
      organization_id: 'acme',
      email_address: `old-${email}`,
      external_id: subject,
    })
    const session = await fixture.sessionOf(email, 'acme')
    expect(await fixture.carry(session)).toMatchObject(refused('email_differs'))
  })
})

describe('a member with MFA at Auth0', () => {
  const email = 'katherine@globex.example'
  const keptBack = refused('mfa_required')
  let minutes = 0
  const next = () => {
    minutes += 11
    return new Date(Date.now() + minutes * 60_000)
  }
  const change = (fields: object) =>
    fixture.stytch.control('PUT', 'b2b/member', { email, organization: 'globex', ...fields })

  it('stays on the legacy lane until Stytch asks for a second factor too', async () => {
    const session = await fixture.sessionOf(email, 'globex')
    expect(await fixture.carry(session, { now: next() })).toMatchObject(keptBack)
    await fixture.stytch.b2b.organizations.members.create({
      organization_id: 'globex',
      email_address: email,
      external_id: session.subject,
    })
    expect(await fixture.carry(session, { now: next() })).toMatchObject(keptBack)
    await change({ totp: true })
    expect(await fixture.carry(session, { now: next() })).toMatchObject(keptBack)
    await change({ totp: false, mfa_enrolled: true })
    expect(await fixture.carry(session, { now: next() })).toMatchObject(keptBack)
    await change({ totp: true })
    expect(await fixture.carry(session, { now: next() })).toMatchObject({ result: 'migrated' })
  })

  it('is carried over when the policy of the operator allows it', async () => {
    const added = await fixture.addLegacyMember('acme')
    await fixture.auth0.control('PUT', 'second-factor', { email: added.email, enrolled: true })
    const session = await fixture.sessionOf(added.email, 'acme')
    expect(await fixture.carry(session)).toMatchObject(keptBack)
    expect(await fixture.carry(session, { now: later(), allowMfaDowngrade: true })).toMatchObject({
      result: 'migrated',
    })
  })
})
