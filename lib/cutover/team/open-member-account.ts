import 'server-only'
import type { Account } from '../../account/account'
import { type MemberSession, memberAccount } from '../../team/member-account'
import { organizationByStytchId } from '../../team/organization'
import type { StytchMember } from '../../team/stytch/members'
import { announceMember } from '../mirror/team/announce-member'
import { secondFactorGuard } from '../session/second-factor-guard'

/**
 * The account of a member's Stytch session during the migration. Every sign-in and every request of such a session gets
 * its account here, so that no way to sign in goes around the guard.
 *
 * A second factor at Stytch does not count, as for consumers. A reader of the mailbox could join the organization and
 * enrol a factor of their own. The migration of the legacy session proves who the member is, and joins the account.
 *
 * A password or a single sign-on proves no address, so it joins no other account. But it opens the data of the
 * organization, which two factors protect at the legacy provider. So it is refused too, if that provider knows the
 * organization.
 * @throws as {@link memberAccount} does, and {SecondFactorRequired | SecondFactorUnknown}
 */
export const openMemberAccount = (
  session: MemberSession,
  member: StytchMember | null,
): Promise<Account> =>
  memberAccount(session, member, async (email, { isProved, isImported }) => {
    const isProtected = isProved || (await mayBeAtLegacy(session.organization.id))
    const guard = isProtected ? await secondFactorGuard(email, null) : null
    // An imported member has a record at the legacy provider.
    const announce = isImported ? null : await announceMember(session)
    return async (...change) => {
      await guard?.(...change)
      await announce?.(...change)
    }
  })

/** False only for an organization that is known to be at Stytch alone. */
const mayBeAtLegacy = async (stytchId: string): Promise<boolean> =>
  (await organizationByStytchId(stytchId))?.legacyId !== null
