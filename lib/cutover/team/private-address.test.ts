import { afterAll, beforeAll, expect, it } from 'vitest'
import { openAccount } from '../../account/account'
import { membersOf, recordMembership } from '../../team/membership'
import { rememberOrganization } from '../../team/organization'
import { authenticateMemberSession } from '../../team/stytch/opened-session'
import { openMemberAccount } from './open-member-account'
import { type MemberMigrationFixture, startMemberMigrationForTests } from './testing'

let fixture: MemberMigrationFixture
beforeAll(async () => {
  fixture = await startMemberMigrationForTests()
})
afterAll(() => fixture.stop())

it('a team does not learn the private address that a member has elsewhere by now', async () => {
  const email = `${crypto.randomUUID()}@acme.example`
  const { body } = await fixture.stytch.control('POST', 'b2b/session', {
    email,
    organization: 'acme',
  })
  const opened = await authenticateMemberSession(body.session_token)
  const account = await openMemberAccount(opened, null)
  const { id: stytchId } = opened.organization
  const described = { slug: 'acme', name: 'Acme', stytchId, legacyId: null }
  const { id: organizationId } = await rememberOrganization(described)
  const member = { organizationId, accountId: account.id, roles: [] }
  await recordMembership({ ...member, lane: 'stytch' })

  // The same person joins by the same address elsewhere, and changes it there.
  const elsewhere = { issuer: 'https://elsewhere.example/', subject: 'ada', name: 'Ada' }
  const session = { key: 'elsewhere', startedAt: new Date() }
  const proof = { by: session.key, at: session.startedAt }
  const profile = { ...elsewhere, isCurrent: true, session, proof }
  expect((await openAccount({ ...profile, email })).id).toBe(account.id)
  const moved = await openAccount({ ...profile, email: 'ada@home.example' })
  expect(moved).toMatchObject({ id: account.id, email: 'ada@home.example' })

  expect(await membersOf(organizationId)).toMatchObject([{ accountId: account.id, email }])
})
