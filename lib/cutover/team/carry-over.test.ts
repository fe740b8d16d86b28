import { desc } from 'drizzle-orm'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { organizations } from '../../../sandbox/settings.ts'
import { findAccount } from '../../account/account'
import { membersOf as recordedMembers } from '../../team/membership'
import { organizationBySlug } from '../../team/organization'
import { memberIssuerName } from '../../team/stytch/issuer'
import { legacySessionOfToken } from '../routing/testing'
import { events } from '../schema'
import { legacyAccount } from '../session/legacy-account'
import { later, type MemberMigrationFixture, startMemberMigrationForTests } from './testing'

let fixture: MemberMigrationFixture
beforeAll(async () => {
  fixture = await startMemberMigrationForTests()
})
afterAll(() => fixture.stop())

async function carried(email: string, slug: 'acme' | 'globex', claims: object = {}) {
  const session = await fixture.sessionOf(email, slug, claims)
  const outcome = await fixture.carry(session)
  if (outcome.result !== 'migrated') throw new Error(JSON.stringify(outcome))
  const organization = await organizationBySlug(slug)
  const account = await findAccount({
    issuer: memberIssuerName(organization?.stytchId ?? ''),
    subject: outcome.userId,
  })
  return { session, outcome, organization, account }
}

describe("a member's legacy session", () => {
  it('becomes a session of the organization whose external id is its org_id, with the roles and the account', async () => {
    const email = 'barbara@acme.example'
    const { session, outcome, organization, account } = await carried(email, 'acme')
    expect(organization).toMatchObject({ slug: 'acme', legacyId: organizations.acme.auth0Id })
    expect(await fixture.membersOf(email, 'acme')).toEqual([
      expect.objectContaining({
        id: outcome.userId,
        external_id: session.subject,
        roles: expect.arrayContaining(['stytch_member', 'stytch_admin']),
        sessions: 1,
      }),
    ])
    expect(decodeJwt(outcome.tokens.sessionJwt)).toMatchObject({
      sub: outcome.userId,
      'https://stytch.com/organization': { slug: 'acme' },
    })
    expect(account).toEqual(await legacyAccount(session))
    expect(await recordedMembers(organization?.id ?? '')).toEqual([
      expect.objectContaining({
        accountId: account?.id,
        lane: 'stytch',
        roles: expect.arrayContaining(['stytch_admin']),
        carriedOverAt: expect.any(Date),
      }),
    ])
    const [event] = await fixture.db.select().from(events).orderBy(desc(events.id)).limit(1)
    expect(event).toMatchObject({
      kind: 'migration',
      result: 'migrated',
      reason: 'carried_over',
      accountId: account?.id,
    })
  })

  it('becomes one session, whichever of five tabs asks', async () => {
    const { email } = await fixture.addLegacyMember('acme')
    const session = await fixture.sessionOf(email, 'acme')
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => fixture.carry(session)))
    const tokens = outcomes.map((each) => each.result === 'migrated' && each.tokens.sessionToken)
    expect(tokens[0]).toBeTruthy()
    expect(new Set(tokens).size).toBe(1)
    expect(await fixture.memberSessionsOf(email, 'acme')).toHaveLength(1)
  })

  it('lasts as long as the legacy session', async () => {
    const { email } = await fixture.addLegacyMember('acme')
    const { session, outcome } = await carried(email, 'acme')
    expect(outcome.tokens.expiresAt >= session.expiresAt).toBe(true)
  })
})

describe('a person in two organizations', () => {
  it('has two members and one account, also with one sid', async () => {
    const email = 'frances@acme.example'
    await fixture.stytch.b2b.organizations.update({
      organization_id: 'globex',
      email_invites: 'ALL_ALLOWED',
    })
    const sid = crypto.randomUUID()
    const acme = await carried(email, 'acme', { sid })
    const globex = await carried(email, 'globex', { sid })
    expect(acme.outcome.userId).not.toBe(globex.outcome.userId)
    expect(acme.account).not.toBeNull()
    expect(globex.account).toEqual(acme.account)
    expect(await fixture.memberSessionsOf(email, 'acme')).toHaveLength(1)
    expect(await fixture.memberSessionsOf(email, 'globex')).toHaveLength(1)
  })

  it('has a session of the consumer project beside them, with the same sid', async () => {
    const email = 'claude@acme.example'
    const sid = crypto.randomUUID()
    const { body } = await fixture.auth0.control('POST', 'token', { email, claims: { sid } })
    const consumer = await fixture.migrate(await legacySessionOfToken(body.access_token))
    expect(consumer).toMatchObject({ result: 'migrated' })
    const { outcome } = await carried(email, 'acme', { sid })
    expect(consumer).not.toMatchObject({ userId: outcome.userId })
    expect(await fixture.stytchSessionsOf(email)).toHaveLength(1)
    expect(await fixture.memberSessionsOf(email, 'acme')).toHaveLength(1)
  })
})

describe('the roles of a member', () => {
  const rolesOf = async (email: string) => (await fixture.membersOf(email, 'acme'))[0]?.roles.sort()

  it('are added to those of a member who existed at Stytch, and the new session has them', async () => {
    const { email, subject } = await fixture.addLegacyMember('acme')
    await fixture.management(
      'POST',
      `organizations/${organizations.acme.auth0Id}/members/${encodeURIComponent(subject)}/roles`,
      {
        roles: ['rol_editor0000000001'],
      },
    )
    await fixture.stytch.b2b.organizations.members.create({
      organization_id: 'acme',
      email_address: email,
      external_id: subject,
      roles: ['stytch_admin'],
    })
    const { outcome } = await carried(email, 'acme')
    expect(await rolesOf(email)).toEqual(['editor', 'stytch_admin', 'stytch_member'])
    expect(decodeJwt(outcome.tokens.sessionJwt)).toMatchObject({
      'https://stytch.com/session': { roles: expect.arrayContaining(['editor', 'stytch_admin']) },
    })
  })

  it('are not lost when the first attempt fails after the proof', async () => {
    const { email, subject } = await fixture.addLegacyMember('acme')
    const member = `organizations/${organizations.acme.auth0Id}/members/${encodeURIComponent(subject)}`
    await fixture.management('POST', `${member}/roles`, { roles: ['rol_editor0000000001'] })
    await fixture.stytch.b2b.organizations.members.create({
      organization_id: 'acme',
      email_address: email,
      external_id: subject,
    })
    const session = await fixture.sessionOf(email, 'acme')
    const fault = { method: 'PUT', path: '/v1/b2b/organizations/*', status: 503, times: 1 }
    await fixture.stytch.control('PUT', 'faults', [fault])
    expect(await fixture.carry(session)).toMatchObject({ result: 'failed' })
    expect(await fixture.memberSessionsOf(email, 'acme')).toEqual([])
    expect(await fixture.carry(session, { now: later() })).toMatchObject({ result: 'migrated' })
    expect(await rolesOf(email)).toEqual(['editor', 'stytch_member'])
  })

  it('are not written again after an admin has changed them at Stytch', async () => {
    const email = 'barbara@acme.example'
    const { outcome } = await carried(email, 'acme')
    await fixture.stytch.b2b.organizations.members.update({
      organization_id: 'acme',
      member_id: outcome.userId,
      roles: ['editor'],
    })
    await carried(email, 'acme')
    expect(await rolesOf(email)).toEqual(['editor', 'stytch_member'])
  })
})
