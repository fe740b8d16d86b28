import 'server-only'
import QuickLRU from 'quick-lru'
import {
  type Account,
  findAccount,
  type Identity,
  type OnAccountChange,
  openAccount,
} from '../account/account'
import { UserDeleted } from '../account/user-deleted'
import { perProcess } from '../per-process'
import { StytchRefusal } from './client'
import { endOtherSessions, fetchUser, type StytchUser } from './users'

/** The facts about a session that decide which account it opens. */
type SessionProof = Identity & { sessionId: string; provesEmail: boolean }

/** Sessions whose user is deleted. Without this, each of their requests would ask Stytch again. */
const { value: sessionsOfDeletedUsers } = perProcess(
  'stytch-sessions-of-deleted-users',
  () => new QuickLRU<string, true>({ maxSize: 2_000, maxAge: 60_000 }),
)

/**
 * The account of a Stytch user. Creates it at the first sign-in.
 *
 * A verified address at Stytch says that somebody proved it once, and not that the holder of this session did: an
 * attacker can sign up with a stranger's address and a password, and wait. So an address counts only for a
 * session that began with a mail. All other sessions of the user are revoked at that moment.
 *
 * @param user as Stytch answered at sign-in; fetched when it is needed and not given
 * @param formerIdentityOf the identity behind an `external_id`. Only our own backend writes external ids, so one
 *   proves more than an address.
 * @param prepare see {@link openAccount}: for the first sign-in, and for the proof of an address
 * @throws {UserDeleted}
 * @throws {DatabaseUnavailable | StytchRefusal | ProviderFailure} unless the account is cached
 */
export async function stytchAccount(
  { issuer, subject, sessionId, provesEmail }: SessionProof,
  user: StytchUser | null,
  formerIdentityOf: (externalId: string) => Identity | null,
  prepare: (() => Promise<OnAccountChange>) | null = null,
): Promise<Account> {
  const known = await findAccount({ issuer, subject })
  const isProvedNow = provesEmail && !known?.emailVerified
  if (known && !isProvedNow) return known
  if (sessionsOfDeletedUsers.has(sessionId)) throw new UserDeleted()
  try {
    const { externalId, ...profile } = user ?? (await fetchUser(subject))
    const emailVerified = profile.emailVerified && provesEmail
    if (emailVerified) await endOtherSessions(subject, sessionId)
    return await openAccount(
      { ...profile, emailVerified, issuer, subject, isCurrent: true },
      externalId ? formerIdentityOf(externalId) : null,
      prepare,
    )
  } catch (error) {
    if (!(error instanceof StytchRefusal) || error.errorType !== 'user_not_found') throw error
    sessionsOfDeletedUsers.set(sessionId, true)
    throw new UserDeleted()
  }
}
