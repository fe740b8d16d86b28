import 'server-only'
import QuickLRU from 'quick-lru'
import {
  type Account,
  accountOf,
  findIdentity,
  type Identity,
  type KnownIdentity,
  type OnAccountChange,
  openAccount,
} from '../account/account'
import { disputeProof } from '../account/dispute'
import { isUnopenedImport, recordFirstSession } from '../account/imported-identity'
import { epoch, isDisputed, type Proof, SessionUnproved } from '../account/proof'
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

type Options = { guard?: JoinGuard | null; found?: Promise<KnownIdentity | null> | null }

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

/** Sessions with two proved addresses whose user has not changed. Without this, each request would ask Stytch. */
const { value: settledSessions } = perProcess(
  'settled-stytch-sessions',
  () => new QuickLRU<string, true>({ maxSize: 2_000, maxAge: 60_000 }),
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
 * @param guard called only for an identity that is new, newly proved, or imported and opened for the first time. A known
 *   one costs no call.
 * @param found the identity, if the caller reads it already
 * @throws {UserDeleted | SessionUnproved | SecondFactorRequired} and the errors of the guard
 * @throws {DatabaseUnavailable | ProofIncomplete | StytchRefusal | ProviderFailure} the next request tries again
 */
export async function stytchAccount(
  session: Session,
  user: StytchUser | null,
  formerIdentityOf: (externalId: string) => Identity | null,
  prepare: (() => Promise<OnAccountChange>) | null = null,
  { guard = null, found = null }: Options = {},
): Promise<Account> {
  const { issuer, subject, sessionId, startedAt, factors } = session
  const facts = { key: stytchSessionKey(sessionId), startedAt }
  const known = await (found ?? findIdentity({ issuer, subject }))
  if (known && guard && isUnopenedImport(known.proof)) await guardImport(known, session, guard)
  const isProof = known !== null && factors.emails.includes(known.email)
  // A session without a mail proves no address, so there is nothing to write.
  if (known && (isProof ? isSettled(known, session) : factors.emails.length === 0)) {
    return accountOf(known, facts, isProof)
  }
  const refused = refusedSessions.get(sessionId)
  if (refused) throw new refusals[refused]()
  try {
    const current = user ?? (await fetchUser(subject))
    const { externalId, name } = current
    if (known?.proof) {
      const isKept = current.addresses.some(({ email }) => email === known.email)
      if (!isProof) {
        await refuseOtherAddress(session, known.email, isKept)
        throw new SessionUnproved()
      }
      if (isKept ? !isDisputed(known.proof) : provedAddress(current, factors, null) === null) {
        settledSessions.set(sessionId, true)
        return accountOf(known, facts, true)
      }
      // The session proves a new address, and the one that the user had before. So both belong to its holder.
    }
    const isImported = !known && isImport(current)
    const provedEmail = isImported
      ? current.email
      : provedAddress(current, factors, known?.email ?? null)
    const former = externalId ? formerIdentityOf(externalId) : null
    if (provedEmail !== null && !known?.proof && (await hasLostAddress(current, former))) {
      refusedSessions.set(sessionId, 'session_unproved')
      throw new SessionUnproved()
    }
    // An identity that proves nothing gets an account of its own. The guard comes before the removal of credentials, so
    // that a refused session removes nothing.
    const mayJoin = !known?.proof && (provedEmail !== null || former !== null)
    const confirm = mayJoin ? await guard?.(provedEmail, former) : null
    const proof = isImported
      ? { by: facts.key, at: epoch }
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
 * The guard of an identity that an import has joined to the account. The user may have enrolled a second factor at the
 * other provider since. Only the first session is checked.
 * @throws the errors of the guard
 */
async function guardImport(
  { email, account }: KnownIdentity,
  { issuer, subject, sessionId }: Session,
  guard: JoinGuard,
): Promise<void> {
  const refused = refusedSessions.get(sessionId)
  if (refused) throw new refusals[refused]()
  try {
    const confirm = await guard(email, null)
    await recordFirstSession({ issuer, subject }, stytchSessionKey(sessionId), (tx) =>
      confirm(tx, account, 'joined'),
    )
  } catch (error) {
    if (error instanceof SecondFactorRequired) refusedSessions.set(sessionId, error.code)
    throw error
  }
}

/**
 * Whether our own backend imported the user with a verified address. A password that Stytch wants reset is older than
 * the proof, so the address was not verified at the import. An attacker may know that password.
 */
export const isImport = ({ externalId, emailVerified, mustResetPassword }: StytchUser): boolean =>
  externalId !== null && emailVerified && !mustResetPassword

/** The address of the user that this session proves. With several, `known` comes first. Null if there is none. */
function provedAddress(
  { addresses }: StytchUser,
  { emails }: SessionFactors,
  known: string | null,
): string | null {
  const proved = addresses.filter(({ email, verified }) => verified && emails.includes(email))
  return (proved.find(({ email }) => email === known) ?? proved[0])?.email ?? null
}

/**
 * Whether the user has no longer the address that the former identity proved. An attacker who was imported may have
 * replaced it by a stranger's address. The external id would then let the stranger into the account of the attacker.
 */
async function hasLostAddress(user: StytchUser, former: Identity | null): Promise<boolean> {
  const known = former && (await findIdentity(former))
  return Boolean(known?.proof) && user.addresses.every(({ email }) => email !== known?.email)
}

/** Whether a session that proves the known address needs no look at the user. */
const isSettled = ({ email, proof }: KnownIdentity, { sessionId, factors }: Session): boolean =>
  proof !== null &&
  (settledSessions.has(sessionId) ||
    (!isDisputed(proof) && factors.emails.every((each) => each === email)))

/**
 * Refuses a session whose mail went to another address than the proved one. Its reader may be a stranger, whose address
 * the owner of this account added to the user, and who may have deleted the own one since.
 *
 * A later session of the stranger may prove nothing, and would pass: with the password that the stranger has just set,
 * or at a user who has only the stranger's address. So the identity is closed to such sessions.
 */
async function refuseOtherAddress(
  { issuer, subject, sessionId, factors }: Session,
  proved: string,
  isKept: boolean,
): Promise<void> {
  if (!isKept || factors.hasPassword) await disputeProof({ issuer, subject }, proved)
  refusedSessions.set(sessionId, 'session_unproved')
}

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
