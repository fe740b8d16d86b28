import 'server-only'
import { type Account, findIdentity } from '../../account/account'
import { epoch, isDisputed, type Proof } from '../../account/proof'
import type { Userinfo } from '../../legacy/userinfo'
import { stytchSessionKey } from '../../stytch/session-key'
import { memberIdentity } from '../../team/member-account'
import type { MemberSignedIn } from '../../team/stytch/member-sign-in'
import { externalIdOf } from '../migration/external-id'
import { MigrationRefused } from '../migration/outcome'
import { hasForeignSessions } from '../migration/own-sessions'
import { memberSessions } from './member-sessions'

/**
 * Proves that the member is this legacy user, as `proveStytchUser` does for a user. An attacker may have founded the
 * organization, been invited to it or signed up with a stranger's address, and waited for the owner ("pre-hijacking").
 * @param createdMemberId the member that this migration created, if it did
 * @returns the proof of the member's identity. A linked identity has one already, and keeps it.
 * @throws {MigrationRefused | StytchRefusal | ProviderFailure} and driver errors
 */
export async function proveMember(
  opened: MemberSignedIn,
  createdMemberId: string | null,
  legacyUser: Userinfo,
  account: Account,
): Promise<Proof> {
  const { member, sessionId, startedAt } = opened
  // Stytch called userinfo after we did, and the address may have changed in between.
  if (member.email !== legacyUser.email) throw new MigrationRefused('email_differs')
  const by = stytchSessionKey(sessionId)
  // Nobody else can have signed in to this member.
  if (member.id === createdMemberId) return { by, at: epoch }
  const known = await findIdentity(memberIdentity(opened))
  if (known?.proof && known.account.id === account.id) {
    // The migrated session proves no address, so it would be refused, and the member signed out.
    if (isDisputed(known.proof)) throw new MigrationRefused('stytch_user_unproven')
    return { by, at: epoch }
  }
  // Only a backend with the project's secret can write an external id. A password beside an unverified address may be an
  // attacker's, who signed up at the legacy provider before the owner did.
  if (member.externalId !== null && member.externalId === externalIdOf(legacyUser.subject)) {
    if (member.emailVerified || !member.hasPassword) return { by, at: epoch }
  }
  if (member.externalId === null && member.isOnlyByEmail && member.emailVerified) {
    // Nothing was attached when the session began, so older sessions are refused, and another device's are not.
    if (!(await hasForeignSessions(opened, memberSessions))) return { by, at: startedAt }
  }
  throw new MigrationRefused('stytch_user_unproven')
}
