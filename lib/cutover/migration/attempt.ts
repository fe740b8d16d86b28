import 'server-only'
import { type Account, openAccount } from '../../account/account'
import { config } from '../../config'
import { errorText } from '../../error-text'
import { legacyProvider } from '../../legacy/configured-provider'
import type { LegacySession } from '../../legacy/session'
import { perProcess } from '../../per-process'
import type { OpenedSession } from '../../stytch/opened-session'
import { type Claim, settleMigrated, settleNotMigrated } from './claim'
import { legacyProfile } from './legacy-profile'
import { findLegacyRevocation } from './legacy-revocation'
import { failureReason, type MigrationOutcome, MigrationRefused, refusalReason } from './outcome'
import { revokeOrphans, sessionMark } from './own-sessions'
import type { ProjectSessions } from './project-sessions'
import { proveLegacyUser, proveSecondFactor } from './proof'
import { retryTime } from './retry-delay'
import type { MigrationTarget } from './target'

/** Delay after a refusal. A refusal depends on the user, so an early retry would not help. In milliseconds. */
export const refusedRetryDelay = 10 * 60 * 1_000

/** Delay before the client retries when another request holds the claim. In milliseconds. */
export const busyRetryDelay = 5_000

/** Revokes the Stytch sessions whose claim could not be settled because the database failed, by session key. */
const unsettled = perProcess('unsettled-sessions', () => new Map<string, () => Promise<void>>())

/** The outcome of an attempt. The account is null when the attempt ended before it was found. */
type Attempt = { outcome: MigrationOutcome; accountId: string | null }

/**
 * Makes one attempt to migrate a legacy session, as the holder of its claim, and settles the claim.
 * Never throws. Every error becomes an outcome, and the legacy session does not change.
 */
export async function attemptMigration(
  session: LegacySession,
  getToken: () => Promise<string>,
  claim: Claim,
  target: MigrationTarget,
  { now, allowMfaDowngrade }: { now: Date; allowMfaDowngrade: boolean },
): Promise<Attempt> {
  const { sessions } = target
  let account: Account | null = null
  let opened: OpenedSession | null = null
  let isSettling = false
  await revokeUnsettled(claim)
  try {
    const token = tokenSource(session, getToken)
    const legacyUser = await proveLegacyUser(session, await token())
    const candidate = await target.find(session, legacyUser)
    if (!allowMfaDowngrade) await proveSecondFactor(session, candidate.hasSecondFactor)
    account = await openAccount(await legacyProfile(session, { ...legacyUser, isCurrent: true }))

    const found = await candidate.open(account, {
      token,
      minutes: sessionMinutes(session, now),
      customClaims: sessionMark(claim),
    })
    opened = found.session
    await revokeOrphans(claim, opened, sessions)
    opened = await found.link(await found.prove())
    // The user may have been blocked during the attempt. The sessions that Stytch knew then are revoked without this one.
    const revocation = await findLegacyRevocation(session)
    if (revocation) throw new MigrationRefused(revocation)
    isSettling = true
    if (await settleMigrated(claim, opened.tokens, now)) {
      const { subject, tokens } = opened
      return {
        outcome: { result: 'migrated', userId: subject, tokens },
        accountId: account.id,
      }
    }
    // The lease expired and another request took the claim. Only the session of that request counts.
    await revoke(opened, sessions)
    const retryAt = new Date(now.getTime() + busyRetryDelay)
    return {
      outcome: { result: 'waiting', reason: 'in_progress', retryAt },
      accountId: account.id,
    }
  } catch (error) {
    const outcome = outcomeOf(error, claim, now)
    const unused = opened
    // No client gets this session, so it must be revoked. The claim may already name it, so the claim is undone first.
    // Otherwise the user would be logged out.
    if (unused && !isSettling) await revoke(unused, sessions)
    try {
      const { result: state, reason, retryAt } = outcome
      await settleNotMigrated(claim, { state, reason, retryAt }, now)
      if (unused && isSettling) await revoke(unused, sessions)
    } catch {
      // The database failed. The lease expires by itself, and the next holder revokes this session.
      if (unused && isSettling) {
        unsettled.value.set(claim.sessionKey, () => revoke(unused, sessions))
      }
    }
    return { outcome, accountId: account?.id ?? null }
  }
}

/**
 * The tokens of one attempt. A refresh token may be used once, so an access token serves all calls of the attempt. A
 * one-time token serves one call.
 * @throws {MigrationRefused} when no token of this session can be exchanged
 */
function tokenSource(session: LegacySession, getToken: () => Promise<string>) {
  switch (legacyProvider().exchangeOf(session)) {
    case 'none':
      throw new MigrationRefused('access_token_unusable')
    case 'one-time-token':
      return getToken
    case 'access-token': {
      let first: Promise<string> | undefined
      return () => {
        first ??= getToken()
        return first
      }
    }
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

/** A Stytch session that is shorter than the legacy one would log the user out early. */
function sessionMinutes({ expiresAt }: LegacySession, now: Date): number {
  const left = Math.ceil((expiresAt.getTime() - now.getTime()) / 60_000)
  return Math.min(Math.max(config().sessionDurationMinutes, left, 5), 527_040)
}

async function revokeUnsettled(claim: Claim): Promise<void> {
  const revokeLeft = unsettled.value.get(claim.sessionKey)
  unsettled.value.delete(claim.sessionKey)
  await revokeLeft?.()
}

const revoke = ({ tokens }: OpenedSession, sessions: ProjectSessions): Promise<void> =>
  sessions
    .byToken(tokens.sessionToken)
    .catch((error: unknown) =>
      console.error(
        `migration: an unused Stytch session could not be revoked: ${(error as Error).message}`,
      ),
    )
