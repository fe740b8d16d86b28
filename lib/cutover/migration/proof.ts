import 'server-only'
import { type Account, subjectsOf } from '../../account/account'
import { hasSecondFactor } from '../../legacy/second-factor'
import type { LegacySession } from '../../legacy/session'
import { fetchUserinfo, type Userinfo } from '../../legacy/userinfo'
import { stytchIssuerName } from '../../stytch/issuer'
import type { SignedIn } from '../../stytch/sign-in'
import { findUserByEmail } from '../../stytch/users'
import { externalIdOf } from './external-id'
import { MigrationRefused } from './outcome'
import { hasForeignSessions } from './own-sessions'

/**
 * Fetches the user of the token from the legacy provider, and checks that the address is verified.
 * @throws {MigrationRefused | UserinfoRefused | ProviderFailure}
 */
export async function proveLegacyUser(
  session: LegacySession,
  accessToken: string,
): Promise<Userinfo> {
  const user = await fetchUserinfo(accessToken)
  if (user.subject !== session.subject) throw new MigrationRefused('subject_mismatch')
  // Stytch finds users by address. An attacker could enter a stranger's address at the legacy provider, and get
  // into the stranger's account here.
  if (!user.emailVerified) throw new MigrationRefused('email_not_verified')
  return user
}

/**
 * Checks that the migration takes no second factor away. At Stytch, the next sign-in of a user without one needs only
 * a code from a mail.
 * @throws {MigrationRefused | LegacyRefusal | StytchRefusal | ProviderFailure}
 */
export async function proveSecondFactor(
  session: LegacySession,
  { email }: Userinfo,
): Promise<void> {
  if (!(await hasSecondFactor(session))) return
  if ((await findUserByEmail(email))?.hasSecondFactor) return
  throw new MigrationRefused('mfa_required')
}

/**
 * Checks that the Stytch user may be this legacy user.
 *
 * Stytch found the user by address alone. An attacker may have signed up there with this address and a
 * password, and waited for the owner ("pre-hijacking"). So we must have created, imported or linked the Stytch
 * user. Otherwise its address must be verified, and it must have no other sign-in method and no foreign session.
 * See docs/decisions/0004-whose-stytch-user.md.
 * @param createdUserId the Stytch user that this migration created, if it did
 * @throws {MigrationRefused | StytchRefusal | ProviderFailure}
 */
export async function proveStytchUser(
  opened: SignedIn,
  createdUserId: string | null,
  legacyUser: Userinfo,
  account: Account,
): Promise<void> {
  const { user } = opened
  // Stytch called userinfo after we did, and the address may have changed in between.
  if (user.email !== legacyUser.email) throw new MigrationRefused('email_differs')
  if (user.id === createdUserId) return
  if (user.externalId !== null && user.externalId === externalIdOf(legacyUser.subject)) return
  if ((await subjectsOf(account, stytchIssuerName())).includes(user.id)) return
  if (user.externalId === null && user.onlyByEmail && user.emailVerified) {
    if (!(await hasForeignSessions(opened))) return
  }
  throw new MigrationRefused('stytch_user_unproven')
}
