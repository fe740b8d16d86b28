import 'server-only'
import QuickLRU from 'quick-lru'
import { type Account, accountOf, findIdentity, openAccount } from '../../account/account'
import { UserDeleted } from '../../account/user-deleted'
import { legacyProvider } from '../../legacy/configured-provider'
import type { LegacySession } from '../../legacy/session'
import { UserinfoRefused } from '../../legacy/userinfo'
import { perProcess } from '../../per-process'
import { ProviderFailure } from '../../provider-failure'
import { legacyProfile, legacySessionFacts } from '../migration/legacy-profile'
import { recordSecondFactor } from './second-factor-seen'

/** Access tokens of deleted users. Auth0 allows five calls a minute for a user, and then answers 429. */
const { value: tokensOfDeletedUsers } = perProcess(
  'legacy-tokens-of-deleted-users',
  () => new QuickLRU<string, true>({ maxSize: 500, maxAge: 60_000 }),
)

/**
 * The account of a legacy session, whose second factor is recorded.
 * @throws as {@link findOrOpen} does
 */
export async function legacyAccount(session: LegacySession): Promise<Account> {
  const account = await findOrOpen(session)
  recordSecondFactor(session, account.id)
  return account
}

/**
 * The account of a legacy session. Creates it at the first sign-in.
 * @throws {UserDeleted | SessionUnproved}
 * @throws {DatabaseUnavailable | UserinfoRefused | ProviderFailure} unless the account is cached
 */
async function findOrOpen(session: LegacySession): Promise<Account> {
  const { profile, subject, accessToken } = session
  if (profile) return openAccount(await legacyProfile(session, profile))
  const known = await findIdentity({ issuer: session.issuer.canonicalName, subject })
  if (known) return accountOf(known, await legacySessionFacts(session), false)
  // An access token has no profile.
  if (tokensOfDeletedUsers.has(accessToken)) throw new UserDeleted()
  try {
    const user = await legacyProvider().userinfo(accessToken)
    // OpenID Connect Core section 5.3.2: an answer about another subject must not be used.
    if (user.subject !== subject)
      throw new ProviderFailure('legacy', 'unexpected_response', 'userinfo: another subject')
    return await openAccount(await legacyProfile(session, { ...user, isCurrent: true }))
  } catch (error) {
    if (!(error instanceof UserinfoRefused) || !error.isUserGone) throw error
    tokensOfDeletedUsers.set(accessToken, true)
    throw new UserDeleted()
  }
}
