import 'server-only'
import {
  type Account,
  type Announce,
  findAccount,
  type Identity,
  openAccount,
} from '../account/account'
import { endOtherSessions, fetchUser, type StytchUser } from './users'

/** What of a session says whose account it opens. */
type Proof = Identity & { sessionId: string; provesEmail: boolean }

/**
 * The account of a Stytch user, made at first sight.
 *
 * That Stytch calls an address verified says that somebody proved it once, and not that it was whoever holds
 * this session: anybody can sign up with a stranger's address and a password and wait. So an address counts
 * only for a session that was itself begun from a mail, and all other sessions end at that moment.
 *
 * @param user as Stytch gave it at sign-in; asked for when it is needed and not given
 * @param formerly tells which identity an `external_id` stands for. Only our own backend writes external
 *   ids, so one says more than any address could.
 * @param prepare see {@link openAccount}: told of the first sight, and of the proof of an address
 * @throws {DatabaseUnavailable | StytchRefusal | ProviderFailure} unless the account is still remembered
 */
export async function stytchAccount(
  { issuer, subject, sessionId, provesEmail }: Proof,
  user: StytchUser | null,
  formerly: (externalId: string) => Identity | null,
  prepare: (() => Promise<Announce>) | null = null,
): Promise<Account> {
  const known = await findAccount({ issuer, subject })
  const isProvedNow = provesEmail && !known?.emailVerified
  if (known && !isProvedNow) return known
  const { externalId, ...profile } = user ?? (await fetchUser(subject))
  const emailVerified = profile.emailVerified && provesEmail
  if (emailVerified) await endOtherSessions(subject, sessionId)
  return openAccount(
    { ...profile, emailVerified, issuer, subject, isCurrent: true },
    externalId ? formerly(externalId) : null,
    prepare,
  )
}
