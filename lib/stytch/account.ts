import 'server-only'
import QuickLRU from 'quick-lru'
import {
  type Account,
  findAccount,
  type Identity,
  type OnAccountChange,
  openAccount,
} from '../account/account'
import { isEmailAddress } from '../account/email-address'
import { UserDeleted } from '../account/user-deleted'
import { perProcess } from '../per-process'
import { StytchRefusal } from './client'
import { endUnprovedSessions, fetchUser, type StytchUser } from './users'

/** The facts that decide which account a session opens. `provesEmail` is true for a sign-in by a mailed code or link. */
type SessionProof = Identity & { sessionId: string; provesEmail: boolean }

/** Sessions whose user is deleted. Without this, each of their requests would ask Stytch again. */
const { value: sessionsOfDeletedUsers } = perProcess(
  'stytch-sessions-of-deleted-users',
  () => new QuickLRU<string, true>({ maxSize: 2_000, maxAge: 60_000 }),
)

/**
 * The account of a Stytch user. Creates it at the first sign-in.
 *
 * A verified address at Stytch does not prove that the holder of this session verified it. An attacker can sign up
 * with a stranger's address and a password, and wait until the owner verifies it. So an address counts only for a
 * session that started with a mailed code or link. At that moment the user's other sessions are revoked, except
 * those that began with a mail to the same address.
 *
 * @param user from Stytch's response to the sign-in. When it is null, it is fetched if needed.
 * @param formerIdentityOf returns the legacy identity for an `external_id`. Only our own backend writes external ids,
 *   so one proves more than an address.
 * @param prepare see {@link openAccount}. Called at the first sign-in, and when an address is verified.
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
  // An address with other than ASCII letters never counts as verified here. Each view would prove it again.
  if (known && !user && !isEmailAddress(known.email)) return known
  if (sessionsOfDeletedUsers.has(sessionId)) throw new UserDeleted()
  try {
    const { externalId, ...profile } = user ?? (await fetchUser(subject))
    const emailVerified = profile.emailVerified && provesEmail
    if (emailVerified) await endUnprovedSessions(profile, sessionId)
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
