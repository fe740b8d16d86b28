import 'server-only'
import QuickLRU from 'quick-lru'
import {
  type Account,
  accountOf,
  findIdentity,
  type Identity,
  type OnAccountChange,
  openAccount,
} from '../account/account'
import { epoch, type Proof, proofRules, SessionUnproved } from '../account/proof'
import { SecondFactorRequired } from '../account/second-factor-required'
import { UserDeleted } from '../account/user-deleted'
import { perProcess } from '../per-process'
import { findRevocation } from '../revocation/revocation-list'
import { StytchRefusal } from './client'
import type { SessionFactors } from './factors'
import { removeForeignCredentials } from './foreign-credentials'
import { stytchSessionKey } from './session-key'
import { fetchUser, type StytchUser } from './users'

/** The facts that decide which account a session opens. */
type Session = Identity & { sessionId: string; startedAt: Date; factors: SessionFactors }

/**
 * Called before a new or newly proved identity joins an account. It throws to refuse, and returns a check for the
 * transaction. It gets the address that the session proves, and the legacy identity of an imported user.
 */
type JoinGuard = (email: string | null, formerIdentity: Identity | null) => Promise<OnAccountChange>

const refusals = {
  user_deleted: UserDeleted,
  session_unproved: SessionUnproved,
  mfa_required: SecondFactorRequired,
}

/**
 * Sessions that open no account, and why: their user is deleted, they prove only a second address, or the guard
 * refused them. Without this, each of their requests would ask a provider again. It holds codes, because each of Next's
 * bundles has its own classes.
 */
const { value: refusedSessions } = perProcess(
  'refused-stytch-sessions',
  () => new QuickLRU<string, keyof typeof refusals>({ maxSize: 2_000, maxAge: 60_000 }),
)

/**
 * The account of a Stytch user. Creates it at the first sign-in.
 *
 * A verified address at Stytch does not prove that the holder of this session verified it. An attacker can sign up
 * with a stranger's address and a password, and wait until the owner verifies it. So an address counts only for a
 * session that started with a code or link mailed to it: docs/identity-proof.md.
 *
 * @param user from Stytch's response to the sign-in. When it is null, it is fetched if needed.
 * @param formerIdentityOf returns the legacy identity for an `external_id`. Only our own backend writes external ids,
 *   so one proves more than an address.
 * @param prepare see {@link openAccount}. Called at the first sign-in, and when an address is proved.
 * @param guard called only for an identity that is new or newly proved, so that a known one costs no call
 * @throws {UserDeleted | SessionUnproved | SecondFactorRequired} and the errors of the guard
 * @throws {DatabaseUnavailable | ProofIncomplete | StytchRefusal | ProviderFailure} the next request tries again
 */
export async function stytchAccount(
  session: Session,
  user: StytchUser | null,
  formerIdentityOf: (externalId: string) => Identity | null,
  prepare: (() => Promise<OnAccountChange>) | null = null,
  guard: JoinGuard | null = null,
): Promise<Account> {
  const { issuer, subject, sessionId, startedAt, factors } = session
  const facts = { key: stytchSessionKey(sessionId), startedAt }
  const known = await findIdentity({ issuer, subject })
  const isProof = known !== null && factors.emails.includes(known.email)
  // A session without a mail proves no address, so there is nothing to write.
  if (known && (isProof ? known.proof : factors.emails.length === 0)) {
    return accountOf(known, facts, isProof)
  }
  const refused = refusedSessions.get(sessionId)
  if (refused) throw new refusals[refused]()
  try {
    const current = user ?? (await fetchUser(subject))
    const { externalId, name } = current
    // The mail went to an address beside the proved one. Its reader may be a stranger, whose address the owner of this
    // account added.
    if (known?.proof && current.addresses.some(({ email }) => email === known.email)) {
      refusedSessions.set(sessionId, 'session_unproved')
      throw new SessionUnproved()
    }
    const isImported = !known && isImport(current)
    const provedEmail = isImported ? current.email : provedAddress(current, factors)
    const former = externalId ? formerIdentityOf(externalId) : null
    // An identity that proves nothing gets an account of its own. The guard comes before the removal of credentials, so
    // that a refused session removes nothing.
    const mayJoin = !known?.proof && (provedEmail !== null || former !== null)
    const confirm = mayJoin ? await guard?.(provedEmail, former) : null
    const proof = isImported
      ? { by: proofRules.import, at: epoch }
      : provedEmail === null
        ? null
        : await proveAddress(current, provedEmail, session)
    const account = await openAccount(
      {
        issuer,
        subject,
        email: provedEmail ?? current.email,
        name,
        isCurrent: true,
        session: facts,
        proof,
      },
      former,
      async () => {
        const onChange = await prepare?.()
        return async (tx, joined, change) => {
          await confirm?.(tx, joined, change)
          await onChange?.(tx, joined, change)
        }
      },
    )
    // The request checked the list before this identity joined the account, whose user may be blocked at the other
    // provider.
    if (await findRevocation({ issuer, subject, sessionId, startedAt })) throw new UserDeleted()
    return account
  } catch (error) {
    if (error instanceof SecondFactorRequired) refusedSessions.set(sessionId, error.code)
    if (!(error instanceof StytchRefusal) || error.errorType !== 'user_not_found') throw error
    refusedSessions.set(sessionId, 'user_deleted')
    throw new UserDeleted()
  }
}

/**
 * Whether our own backend imported the user with a verified address. A password that Stytch wants reset is older than
 * the proof, so the address was not verified at the import. An attacker may know that password.
 */
export const isImport = ({ externalId, emailVerified, mustResetPassword }: StytchUser): boolean =>
  externalId !== null && emailVerified && !mustResetPassword

/** The address of the user that this session proves. Null if there is none. */
const provedAddress = ({ addresses }: StytchUser, { emails }: SessionFactors): string | null =>
  addresses.find(({ email, verified }) => verified && emails.includes(email))?.email ?? null

/**
 * Removes what other people attached before the address was proved. The proof counts from the end of the removal.
 * @throws {ProofIncomplete | StytchRefusal}
 */
export async function proveAddress(
  user: StytchUser,
  email: string,
  session: Pick<Session, 'sessionId' | 'startedAt' | 'factors'>,
): Promise<Proof> {
  await removeForeignCredentials(user, email, session)
  // The later of both clocks. Otherwise an older session would count as newer where our clock is behind.
  const at = new Date(Math.max(Date.now(), session.startedAt.getTime()))
  return { by: stytchSessionKey(session.sessionId), at }
}
