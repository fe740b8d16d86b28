import 'server-only'
import { type Account, findIdentity } from '../../account/account'
import { epoch, isDisputed, opensIdentity, type Proof } from '../../account/proof'
import { legacyProvider } from '../../legacy/configured-provider'
import type { LegacySession } from '../../legacy/session'
import type { Userinfo } from '../../legacy/userinfo'
import { isImport, proveAddress } from '../../stytch/account'
import { stytchIssuerName } from '../../stytch/issuer'
import { stytchSessionKey } from '../../stytch/session-key'
import type { SignedIn } from '../../stytch/sign-in'
import { isOnlyByEmail } from '../../stytch/users'
import { externalIdOf } from './external-id'
import { legacySessionFacts } from './legacy-profile'
import { MigrationRefused } from './outcome'
import { hasForeignSessions } from './own-sessions'

/**
 * Fetches the user of the token from the legacy provider, and checks that the address is verified.
 * @throws {MigrationRefused | UserinfoRefused | ProviderFailure}
 */
export async function proveLegacyUser(session: LegacySession, token: string): Promise<Userinfo> {
  await proveLegacySession(session)
  const user = await legacyProvider().userinfo(token)
  if (user.subject !== session.subject) throw new MigrationRefused('subject_mismatch')
  // Stytch finds users by address. An attacker could enter a stranger's address at the legacy provider, and get
  // into the stranger's account here.
  const isProved = user.emailVerified && legacyProvider().mayProveAddress(user.subject, user.email)
  if (!isProved) throw new MigrationRefused('email_not_verified')
  return user
}

/**
 * Refuses a session that may be older than the proof of its address. Userinfo describes the user of today: an attacker
 * who signed up with a stranger's address could wait until the owner verifies it, and migrate the old session then.
 * @throws {MigrationRefused}
 */
async function proveLegacySession(session: LegacySession): Promise<void> {
  const { profile, issuer, subject } = session
  if (profile?.emailVerified) return
  const known = await findIdentity({ issuer: issuer.canonicalName, subject })
  // An access token has no profile, so userinfo decides about a user who is new here.
  if (!known && !profile) return
  if (!known?.proof) throw new MigrationRefused('email_not_verified')
  const facts = await legacySessionFacts(session)
  if (!opensIdentity(known.proof, facts, false)) throw new MigrationRefused('session_unproved')
}

/**
 * Checks that the migration takes no second factor away. At Stytch, the next sign-in of a user without one needs only
 * a code from a mail.
 * @throws {MigrationRefused | LegacyRefusal | StytchRefusal | ProviderFailure}
 */
export async function proveSecondFactor(
  session: LegacySession,
  hasSecondFactorAtStytch: () => Promise<boolean>,
): Promise<void> {
  if (!(await legacyProvider().hasSecondFactor(session))) return
  if (await hasSecondFactorAtStytch()) return
  throw new MigrationRefused('mfa_required')
}

/**
 * Proves that the Stytch user is this legacy user.
 *
 * Stytch found the user by address alone. An attacker may have signed up there with this address and a
 * password, and waited for the owner ("pre-hijacking"). So we must have created, imported or linked the Stytch
 * user. Otherwise its address must be verified, and it must have no other sign-in method and no foreign session.
 * See docs/decisions/0004-whose-stytch-user.md.
 * @param createdUserId the Stytch user that this migration created, if it did
 * @returns the proof of the Stytch identity. A linked identity has one already, and keeps it.
 * @throws {MigrationRefused | ProofIncomplete | StytchRefusal | ProviderFailure}
 */
export async function proveStytchUser(
  opened: SignedIn,
  createdUserId: string | null,
  legacyUser: Userinfo,
  account: Account,
): Promise<Proof> {
  const { user, sessionId, startedAt } = opened
  // Stytch called userinfo after we did, and the address may have changed in between.
  if (user.email !== legacyUser.email) throw new MigrationRefused('email_differs')
  const by = stytchSessionKey(sessionId)
  // Nobody else can have signed in to this user.
  if (user.id === createdUserId) return { by, at: epoch }
  const known = await findIdentity({ issuer: stytchIssuerName(), subject: user.id })
  if (known?.proof && known.account.id === account.id) {
    // The migrated session proves no address, so it would be refused, and the user signed out.
    if (isDisputed(known.proof)) throw new MigrationRefused('stytch_user_unproven')
    return { by, at: epoch }
  }
  if (user.externalId !== null && user.externalId === externalIdOf(legacyUser.subject)) {
    if (isImport(user) || isOnlyByEmail(user)) return { by, at: epoch }
    // The user was imported before the address was verified. An attacker may know the imported password.
    return proveAddress(user, user.email, opened)
  }
  if (user.externalId === null && isOnlyByEmail(user) && user.emailVerified) {
    // Nothing was attached when the session began, so older sessions are refused, and another device's are not.
    if (!(await hasForeignSessions(opened))) return { by, at: startedAt }
  }
  throw new MigrationRefused('stytch_user_unproven')
}
