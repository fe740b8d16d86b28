import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { organizations } from '../../../sandbox/settings.ts'
import { findAccount } from '../../account/account'
import { organizationBySlug } from '../../team/organization'
import { memberIssuerName } from '../../team/stytch/issuer'
import { sessionKeys, takeClaim } from '../migration/claim'
import { sessionMark } from '../migration/own-sessions'
import { migrateMemberSession } from './migrate-member-session'
import { later, type MemberMigrationFixture, startMemberMigrationForTests } from './testing'

let fixture: MemberMigrationFixture
beforeAll(async () => {
  fixture = await startMemberMigrationForTests()
})
afterAll(() => fixture.stop())

const unproven = { result: 'refused', reason: 'stytch_user_unproven' }

/** Somebody who signs in to the organization with a link that was mailed to this address. */
const signIn = (email: string) =>
  fixture.stytch.control('POST', 'b2b/session', { email, organization: 'acme' })

const accountOfMember = async (memberId: string) => {
  const organization = await organizationBySlug('acme')
  return findAccount({
    issuer: memberIssuerName(organization?.stytchId ?? ''),
    subject: memberId,
  })
}

/** An admin at Auth0, so that a role could leak. */
async function addAdmin() {
  const { email, subject } = await fixture.addLegacyMember('acme')
  const { auth0Id } = organizations.acme
  await fixture.management(
    'POST',
    `organizations/${auth0Id}/members/${encodeURIComponent(subject)}/roles`,
    { roles: ['rol_admin00000000001'] },
  )
  return { email, subject }
}

describe('an attacker who pre-created the member', () => {
  it('gets nothing with a session: neither the account, nor a role, nor a second session', async () => {
    const { email } = await addAdmin()
    await signIn(email)
    expect(await fixture.carry(await fixture.sessionOf(email, 'acme'))).toMatchObject(unproven)
    const [member] = await fixture.membersOf(email, 'acme')
    expect(member).toMatchObject({ roles: ['stytch_member'], sessions: 1 })
    expect(await accountOfMember(member?.id ?? '')).toBeNull()
  })

  it('gets nothing with a second factor of their own, after their sessions have ended', async () => {
    const { email } = await addAdmin()
    await signIn(email)
    const [member] = await fixture.membersOf(email, 'acme')
    await fixture.stytch.b2b.sessions.revoke({ member_id: member?.id ?? '' })
    const factor = { email, organization: 'acme', totp: true, mfa_enrolled: true }
    await fixture.stytch.control('PUT', 'b2b/member', factor)
    expect(await fixture.carry(await fixture.sessionOf(email, 'acme'))).toMatchObject(unproven)
    expect(await fixture.membersOf(email, 'acme')).toEqual([
      expect.objectContaining({ roles: ['stytch_member'], sessions: 0 }),
    ])
  })

  it('gets nothing with the mark of a migration in the metadata, which is no custom claim', async () => {
    const { email } = await fixture.addLegacyMember('acme')
    await signIn(email)
    const session = await fixture.sessionOf(email, 'acme')
    const keys = await sessionKeys(session, session.organizationId)
    await fixture.stytch.b2b.organizations.members.update({
      organization_id: 'acme',
      member_id: (await fixture.membersOf(email, 'acme'))[0]?.id ?? '',
      untrusted_metadata: sessionMark(keys),
    })
    expect(await fixture.carry(session)).toMatchObject(unproven)
  })

  it('gets nothing with the external id of another legacy user', async () => {
    const { email } = await addAdmin()
    await fixture.stytch.b2b.organizations.members.create({
      organization_id: 'acme',
      email_address: email,
      external_id: 'auth0|somebody-else',
    })
    expect(await fixture.carry(await fixture.sessionOf(email, 'acme'))).toMatchObject(unproven)
    expect(await fixture.membersOf(email, 'acme')).toEqual([
      expect.objectContaining({ roles: ['stytch_member'], sessions: 0 }),
    ])
  })
})

it('carries over into a member whose address is verified, and who has nothing else attached', async () => {
  const { email } = await fixture.addLegacyMember('acme')
  await signIn(email)
  const [member] = await fixture.membersOf(email, 'acme')
  await fixture.stytch.b2b.sessions.revoke({ member_id: member?.id ?? '' })
  const outcome = await fixture.carry(await fixture.sessionOf(email, 'acme'))
  expect(outcome).toMatchObject({ result: 'migrated', userId: member?.id })
})

describe('a server that is killed between the migrate call and the end of the claim', () => {
  it('leaves an orphan, which the next attempt revokes', async () => {
    const { email, subject } = await fixture.addLegacyMember('acme')
    const { organization } = await fixture.stytch.b2b.organizations.members.create({
      organization_id: 'acme',
      email_address: email,
      external_id: subject,
    })
    const session = await fixture.sessionOf(email, 'acme')
    const attempt = await takeClaim(await sessionKeys(session, session.organizationId), new Date())
    if (attempt.state !== 'taken') throw new Error(`the claim is ${attempt.state}`)
    await migrateMemberSession(organization.organization_id, {
      token: async () => session.accessToken,
      minutes: 60,
      customClaims: sessionMark(attempt.claim),
    })
    const orphans = await fixture.memberSessionsOf(email, 'acme')
    expect(orphans).toHaveLength(1)

    const afterTheLease = new Date(Date.now() + 61_000)
    expect(await fixture.carry(session, { now: afterTheLease })).toMatchObject({
      result: 'migrated',
    })
    const left = await fixture.memberSessionsOf(email, 'acme')
    expect(left).toHaveLength(1)
    expect(left).not.toEqual(orphans)
  })
})

describe('an organization whose slug is the legacy id of another one', () => {
  it('does not get in the way of an organization that is linked', async () => {
    const { email } = await fixture.addLegacyMember('acme')
    const session = await fixture.sessionOf(email, 'acme')
    expect(await fixture.carry(session)).toMatchObject({ result: 'migrated' })
    await fixture.stytch.b2b.organizations.create({
      organization_name: 'Mallory',
      organization_slug: session.organizationId ?? '',
    })
    const second = await fixture.sessionOf(email, 'acme')
    expect(await fixture.carry(second, { now: later() })).toMatchObject({ result: 'migrated' })
  })
})

describe('a Stytch session that was revoked', () => {
  it('ends the legacy session of its organization, and no other one of the same sid', async () => {
    const { email } = await fixture.addLegacyMember('acme')
    const sid = crypto.randomUUID()
    const session = await fixture.sessionOf(email, 'acme', { sid })
    const outcome = await fixture.carry(session)
    if (outcome.result !== 'migrated') throw new Error(JSON.stringify(outcome))
    await fixture.stytch.b2b.sessions.revoke({ member_id: outcome.userId })
    expect(await fixture.carry(session)).toEqual({
      result: 'ended',
      reason: 'stytch_session_ended',
    })
    expect(await fixture.migrate(session)).toMatchObject({ result: 'migrated' })
  })
})
