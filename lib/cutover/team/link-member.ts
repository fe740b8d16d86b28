import 'server-only'
import { type Account, findIdentity, linkIdentity } from '../../account/account'
import { recordFirstSession } from '../../account/imported-identity'
import type { Proof } from '../../account/proof'
import type { OpenedSession } from '../../stytch/opened-session'
import { stytchSessionKey } from '../../stytch/session-key'
import { memberIdentity } from '../../team/member-account'
import { recordMembership } from '../../team/membership'
import type { Organization } from '../../team/organization'
import type { MemberSignedIn } from '../../team/stytch/member-sign-in'
import { authenticateMemberSession } from '../../team/stytch/opened-session'
import { assignMemberRoles } from '../../team/stytch/provision-member'
import { MigrationRefused } from '../migration/outcome'

/**
 * Links a proved member to the account of the legacy identity, with the roles of the legacy organization. One person in
 * two organizations has two members and one account, because both legacy sessions have the same subject.
 * @param roles the mapped roles. A member who was linked before keeps the roles that the admins gave at Stytch.
 * @returns the session. It has a new JWT if the member's roles changed.
 * @throws {MigrationRefused | StytchRefusal | ProviderFailure} and driver errors
 */
export async function linkMember(
  account: Account,
  organization: Organization,
  opened: MemberSignedIn,
  proof: Proof,
  roles: readonly string[],
): Promise<OpenedSession> {
  const { member, sessionId, startedAt } = opened
  const identity = memberIdentity(opened)
  const known = await findIdentity(identity)
  const isLinked = known?.proof != null
  if (isLinked && known.account.id !== account.id) throw new MigrationRefused('account_conflict')

  const missing = isLinked ? [] : roles.filter((role) => !member.assignedRoles.includes(role))
  // Before the link. Otherwise the next attempt after a failure would find the member linked, and leave the roles out.
  if (missing.length > 0) await assignMemberRoles(member, [...member.assignedRoles, ...missing])
  const linked = await linkIdentity(account, {
    ...identity,
    email: member.email,
    name: member.name,
    isCurrent: true,
    session: { key: stytchSessionKey(sessionId), startedAt },
    proof,
  })
  if (!linked) throw new MigrationRefused('account_conflict')
  // The attempt has checked the second factor, so the first request of this session must not be refused for it.
  await recordFirstSession(identity, stytchSessionKey(sessionId))

  const session =
    missing.length > 0 ? await authenticateMemberSession(opened.tokens.sessionToken) : opened
  await recordMembership({
    organizationId: organization.id,
    accountId: account.id,
    lane: 'stytch',
    roles: session.organization.roles,
    carriedOverAt: startedAt,
  })
  return session
}
