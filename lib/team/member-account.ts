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
import { isUnopenedImport, recordFirstSession } from '../account/imported-identity'
import { SessionUnproved } from '../account/proof'
import { SecondFactorRequired } from '../account/second-factor-required'
import { UserDeleted } from '../account/user-deleted'
import { perProcess } from '../per-process'
import { findRevocation } from '../revocation/revocation-list'
import { StytchRefusal } from '../stytch/client'
import type { SessionFactors } from '../stytch/factors'
import { stytchSessionKey } from '../stytch/session-key'
import { memberIssuerName } from './stytch/issuer'
import { fetchMember, type StytchMember } from './stytch/members'

/** The facts about a member's session that decide which account it opens. */
export type MemberSession = {
  /** The id of the member. */
  subject: string
  sessionId: string
  startedAt: Date
  factors: SessionFactors
  organization: { id: string }
}

/** The member as the identity of an account. */
export const memberIdentity = ({
  subject,
  organization,
}: Pick<MemberSession, 'subject' | 'organization'>): Identity => ({
  issuer: memberIssuerName(organization.id),
  subject,
})

/**
 * Called before a new or newly proved identity of a member opens an account, its own or one that it joins. Called too
 * before the first session of an identity that an import has joined. It throws to refuse, and returns a check for the
 * transaction.
 */
type AccountGuard = (
  email: string,
  identity: { isProved: boolean; isImported: boolean },
) => Promise<OnAccountChange>

/** Sessions that the guard refused. Without this, each of their requests would ask a provider again. */
const { value: refusedSessions } = perProcess(
  'refused-member-sessions',
  () => new QuickLRU<string, true>({ maxSize: 2_000, maxAge: 60_000 }),
)

/** Password sessions whose member still has the proved address and a password. */
const { value: checkedSessions } = perProcess(
  'checked-member-sessions',
  () => new QuickLRU<string, true>({ maxSize: 5_000, maxAge: 10 * 60_000 }),
)

/**
 * Whether a session of a proved member is that person's. The admin of an organization runs its single sign-on, and can
 * change the address of a member. Neither may open the person's account, which also holds data of other organizations.
 * So the session must come from the person's mailbox: by a code or link, by a password that such a mail has set, or
 * from the legacy session that we carried over.
 * @throws {StytchRefusal | ProviderFailure}
 */
async function isOwnSession(
  { factors, organization, subject, sessionId }: MemberSession,
  provedEmail: string,
  member: StytchMember | null,
): Promise<boolean> {
  if (factors.emails.includes(provedEmail) || factors.isImported) return true
  if (!factors.hasPassword) return false
  if (checkedSessions.has(sessionId)) return true
  const { email, emailVerified, hasPassword } =
    member ?? (await fetchMember(organization.id, subject))
  // An admin may have entered another address for a while, with a password of its owner. Stytch removes the password
  // and the verification with each change. The session with that password is still live.
  const isOwn = email === provedEmail && emailVerified && hasPassword
  if (isOwn) checkedSessions.set(sessionId, true)
  return isOwn
}

/**
 * The account of a member. Creates it at the first sign-in.
 *
 * Only a code or link that was mailed to the member's address proves it. Single sign-on proves nothing about the
 * address, because anybody can found an organization and connect an identity provider. Such a member has an account of
 * their own.
 *
 * A person has one member in each organization. Members with the same proved address share one account.
 * @param member from Stytch's response to the sign-in. When it is null, it is fetched if needed.
 * @param guard called only for an identity that is new, newly proved, or imported and opened for the first time. A known
 *   one costs no call.
 * @throws {UserDeleted | SessionUnproved | SecondFactorRequired} and the errors of the guard
 * @throws {DatabaseUnavailable | StytchRefusal | ProviderFailure} the next request tries again
 */
export async function memberAccount(
  session: MemberSession,
  member: StytchMember | null,
  guard: AccountGuard | null = null,
): Promise<Account> {
  const identity = memberIdentity(session)
  const facts = { key: stytchSessionKey(session.sessionId), startedAt: session.startedAt }
  const known = await findIdentity(identity)
  try {
    if (known?.proof) {
      if (!(await isOwnSession(session, known.email, member))) throw new SessionUnproved()
      if (guard && isUnopenedImport(known.proof)) {
        if (refusedSessions.has(session.sessionId)) throw new SecondFactorRequired()
        const confirm = await guard(known.email, { isProved: true, isImported: true })
        await recordFirstSession(identity, facts.key, (tx) => confirm(tx, known.account, 'joined'))
      }
      return accountOf(known, facts, session.factors.emails.includes(known.email))
    }
    if (known && session.factors.emails.length === 0) return accountOf(known, facts, false)
    if (refusedSessions.has(session.sessionId)) throw new SecondFactorRequired()
    const { email, name } = member ?? (await fetchMember(session.organization.id, session.subject))
    const isProved = session.factors.emails.includes(email)
    const isImported = false
    const confirm = isProved || !known ? await guard?.(email, { isProved, isImported }) : null
    const at = new Date(Math.max(Date.now(), session.startedAt.getTime()))
    const account = await openAccount(
      {
        ...identity,
        email,
        name,
        isCurrent: true,
        session: facts,
        proof: isProved ? { by: facts.key, at } : null,
      },
      null,
      async () => async (tx, joined, change) => confirm?.(tx, joined, change),
    )
    // The request checked the list before this identity joined the account, whose user may be blocked elsewhere.
    if (await findRevocation({ ...session, ...identity })) throw new UserDeleted()
    return account
  } catch (error) {
    if (error instanceof SecondFactorRequired) refusedSessions.set(session.sessionId, true)
    if (!(error instanceof StytchRefusal) || error.errorType !== 'member_not_found') throw error
    throw new UserDeleted()
  }
}
