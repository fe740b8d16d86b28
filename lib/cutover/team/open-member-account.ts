import 'server-only'
import type { Account } from '../../account/account'
import { type MemberSession, memberAccount } from '../../team/member-account'
import type { StytchMember } from '../../team/stytch/members'
import { secondFactorGuard } from '../session/second-factor-guard'

/**
 * The account of a member's Stytch session during the migration. Every sign-in and every request of such a session gets
 * its account here, so that no way to sign in goes around the guard.
 *
 * A second factor at Stytch does not count, as for consumers. A reader of the mailbox could join the organization and
 * enrol a factor of their own. The migration of the legacy session proves who the member is, and joins the account.
 * @throws as {@link memberAccount} does, and {SecondFactorRequired | SecondFactorUnknown}
 */
export const openMemberAccount = (
  session: MemberSession,
  member: StytchMember | null,
): Promise<Account> => memberAccount(session, member, (email) => secondFactorGuard(email, null))
