import { afterAll, beforeAll, expect, it } from 'vitest'
import { findRevocation } from '../../revocation/revocation-list'
import { memberIssuerName } from '../../team/stytch/issuer'
import { authenticateMemberSession } from '../../team/stytch/opened-session'
import { queue } from '../mirror/queue'
import { checkLegacyUser } from '../revocation/deprovision'
import { drainRevocations } from '../revocation/drain'
import { type MemberMigrationFixture, startMemberMigrationForTests } from './testing'

let fixture: MemberMigrationFixture
beforeAll(async () => {
  fixture = await startMemberMigrationForTests()
})
afterAll(async () => {
  await (await queue()).stop()
  await fixture.stop()
})

it('a user who is blocked at Auth0 loses the session of a member that was carried over, here and at Stytch', async () => {
  const { email, subject } = await fixture.addLegacyMember('acme')
  const session = await fixture.sessionOf(email, 'acme')
  const outcome = await fixture.carry(session)
  if (outcome.result !== 'migrated') throw new Error(JSON.stringify(outcome))
  const opened = await authenticateMemberSession(outcome.tokens.sessionToken)
  const current = { ...opened, issuer: memberIssuerName(opened.organization.id) }
  expect(await findRevocation(current)).toBeNull()

  await fixture.management('PATCH', `users/${encodeURIComponent(subject)}`, { blocked: true })
  await checkLegacyUser(subject, new Date())
  expect(await findRevocation(current)).toBe('user_deleted')
  await drainRevocations()
  expect(await fixture.memberSessionsOf(email, 'acme')).toEqual([])
  expect(await fixture.carry(session)).toMatchObject({ result: 'ended', reason: 'user_deleted' })
})
