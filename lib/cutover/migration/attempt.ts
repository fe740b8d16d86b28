import 'server-only'
import { type Account, linkIdentity, openAccount } from '../../account/account'
import type { Proof } from '../../account/proof'
import { config } from '../../config'
import { errorText } from '../../error-text'
import type { LegacySession } from '../../legacy/session'
import type { Userinfo } from '../../legacy/userinfo'
import { perProcess } from '../../per-process'
import { ProviderFailure } from '../../provider-failure'
import { stytchIssuerName } from '../../stytch/issuer'
import { revokeSession } from '../../stytch/revoke'
import { stytchSessionKey } from '../../stytch/session-key'
import type { SignedIn } from '../../stytch/sign-in'
import { createUser } from '../../stytch/users'
import { type Claim, settleMigrated, settleNotMigrated } from './claim'
import { externalIdOf } from './external-id'
import { legacyProfile } from './legacy-profile'
import { findLegacyRevocation } from './legacy-revocation'
import { migrateSession } from './migrate-session'
import { failureReason, type MigrationOutcome, MigrationRefused, refusalReason } from './outcome'
import { revokeOrphans, sessionMark } from './own-sessions'
import { proveLegacyUser, proveSecondFactor, proveStytchUser } from './proof'
import { retryTime } from './retry-delay'

/** Delay after a refusal. A refusal depends on the user, so an early retry would not help. In milliseconds. */
export const refusedRetryDelay = 10 * 60 * 1_000

/** Delay before the client retries when another request holds the claim. In milliseconds. */
export const busyRetryDelay = 5_000

/** Stytch sessions whose claim could not be settled because the database failed, by session key. */
const unsettled = perProcess('unsettled-sessions', () => new Map<string, SignedIn>())

/** The outcome of an attempt. The account is null when the attempt ended before it was found. */
type Attempt = { outcome: MigrationOutcome; accountId: string | null }

/**
 * Makes one attempt to migrate a legacy session, as the holder of its claim, and settles the claim.
 * Never throws. Every error becomes an outcome, and the legacy session does not change.
 */
export async function attemptMigration(
  session: LegacySession,
  getAccessToken: () => Promise<string>,
  claim: Claim,
  { now, allowMfaDowngrade }: { now: Date; allowMfaDowngrade: boolean },
): Promise<Attempt> {
  let account: Account | null = null
  let opened: SignedIn | null = null
  let isSettling = false
  await revokeUnsettled(claim)
  try {
    if (session.tokenState === 'unusable') throw new MigrationRefused('access_token_unusable')
    const accessToken = await getAccessToken()
    const legacyUser = await proveLegacyUser(session, accessToken)
    if (!allowMfaDowngrade) await proveSecondFactor(session, legacyUser)
    account = await openAccount(await legacyProfile(session, { ...legacyUser, isCurrent: true }))

    const found = await openStytchSession(session, legacyUser, accessToken, claim, now)
    opened = found.signedIn
    await revokeOrphans(claim, opened)
    const proof = await proveStytchUser(opened, found.createdUserId, legacyUser, account)
    await linkStytchUser(account, opened, proof)
    // The user may have been blocked during the attempt. The sessions that Stytch knew then are revoked without this one.
    const revocation = await findLegacyRevocation(session)
    if (revocation) throw new MigrationRefused(revocation)
    isSettling = true
    if (await settleMigrated(claim, opened.tokens, now)) {
      const { user, tokens } = opened
      return {
        outcome: { result: 'migrated', userId: user.id, tokens },
        accountId: account.id,
      }
    }
    // The lease expired and another request took the claim. Only the session of that request counts.
    await revoke(opened)
    const retryAt = new Date(now.getTime() + busyRetryDelay)
    return {
      outcome: { result: 'waiting', reason: 'in_progress', retryAt },
      accountId: account.id,
    }
  } catch (error) {
    const outcome = outcomeOf(error, claim, now)
    // No client gets this session, so it must be revoked. The claim may already name it, so the claim is undone first.
    // Otherwise the user would be logged out.
    if (opened && !isSettling) await revoke(opened)
    try {
      const { result: state, reason, retryAt } = outcome
      await settleNotMigrated(claim, { state, reason, retryAt }, now)
      if (opened && isSettling) await revoke(opened)
    } catch {
      // The database failed. The lease expires by itself, and the next holder revokes this session.
      if (opened && isSettling) unsettled.value.set(claim.sessionKey, opened)
    }
    return { outcome, accountId: account?.id ?? null }
  }
}

function outcomeOf(
  error: unknown,
  claim: Claim,
  now: Date,
): Extract<MigrationOutcome, { result: 'refused' | 'failed' }> {
  const refusal = refusalReason(error)
  if (refusal) {
    const retryAt = new Date(now.getTime() + refusedRetryDelay)
    return { result: 'refused', reason: refusal, retryAt }
  }
  console.error(`migration: the attempt failed: ${errorText(error)}`)
  const retryAt = retryTime(claim.attempts, now)
  return { result: 'failed', reason: failureReason(error), retryAt }
}

/**
 * Opens Stytch's session for this user. Creates the user first where Stytch does not know the address.
 * @throws {StytchRefusal | ProviderFailure}
 */
async function openStytchSession(
  session: LegacySession,
  legacyUser: Userinfo,
  accessToken: string,
  claim: Claim,
  now: Date,
): Promise<{ signedIn: SignedIn; createdUserId: string | null }> {
  // A Stytch session that is shorter than the legacy one would log the user out early.
  const left = Math.ceil((session.expiresAt.getTime() - now.getTime()) / 60_000)
  const minutes = Math.min(Math.max(config().sessionDurationMinutes, left, 5), 527_040)

  const mark = sessionMark(claim)
  const known = await migrateSession(accessToken, minutes, mark)
  if (known) return { signedIn: known, createdUserId: null }
  const createdUserId = await createUser({
    email: legacyUser.email,
    name: legacyUser.name,
    externalId: externalIdOf(session.subject),
  })
  const created = await migrateSession(accessToken, minutes, mark)
  if (created) return { signedIn: created, createdUserId }
  throw new ProviderFailure(
    'stytch',
    'unexpected_response',
    'Stytch does not find the user that it just created',
  )
}

async function linkStytchUser(account: Account, signedIn: SignedIn, proof: Proof): Promise<void> {
  const { user, sessionId, startedAt } = signedIn
  const linked = await linkIdentity(account, {
    issuer: stytchIssuerName(),
    subject: user.id,
    email: user.email,
    name: user.name,
    isCurrent: true,
    session: { key: stytchSessionKey(sessionId), startedAt },
    proof,
  })
  if (!linked) throw new MigrationRefused('account_conflict')
}

async function revokeUnsettled(claim: Claim): Promise<void> {
  const left = unsettled.value.get(claim.sessionKey)
  unsettled.value.delete(claim.sessionKey)
  if (left) await revoke(left)
}

const revoke = (opened: SignedIn): Promise<void> =>
  revokeSession(opened.tokens.sessionToken).catch((error: unknown) =>
    console.error(
      `migration: an unused Stytch session could not be revoked: ${(error as Error).message}`,
    ),
  )
