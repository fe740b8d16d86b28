import 'server-only'
import type { LegacySession } from '../../legacy/session'
import { countEvent } from '../../rate-limit/count'
import { limits } from '../../rate-limit/limits'
import { RateLimited } from '../../rate-limit/rate-limited'
import { findRevocation } from '../../revocation/revocation-list'
import { isEnded } from '../../stytch/opened-session'
import { cutoverConfig } from '../config'
import { recordEvent } from '../events/record'
import type { PolicyInForce } from '../policy/document'
import { attemptMigration, busyRetryDelay, refusedRetryDelay } from './attempt'
import { passBrake } from './brake'
import {
  type ClaimAttempt,
  endClaim,
  readClaim,
  type SessionKeys,
  sessionKeys,
  settleHeldBack,
  takeClaim,
} from './claim'
import { consumerTarget } from './consumer-target'
import { findLegacyRevocation } from './legacy-revocation'
import { failureReason, type MigrationOutcome } from './outcome'
import type { ProjectSessions } from './project-sessions'
import { retryTime } from './retry-delay'
import type { MigrationTarget } from './target'

/** How long a request waits while another request holds the claim. In milliseconds. */
const waitDeadline = 8_000
/** Delay before the claim is read again. It doubles each time, up to the maximum. In milliseconds. */
const firstPollDelay = 100
const maximumPollDelay = 800

/**
 * Migrates a live legacy session to Stytch. One legacy session becomes one Stytch session, whatever the
 * number of tabs, instances and retries. If anything fails, the legacy session stays as it was.
 *
 * @param session the server has verified it, from the session cookie or the Authorization header
 * @param getToken returns a token of `session` that Stytch can exchange. Only the holder of the claim calls it. It may call
 *   it again if the provider has one-time tokens.
 * @param options.target the project at Stytch, the consumer project by default
 * @throws {DatabaseUnavailable} and driver errors. No provider is called then, because a migration needs a claim.
 */
export async function carryOver(
  session: LegacySession,
  getToken: () => Promise<string>,
  {
    now,
    policy,
    target = consumerTarget,
  }: {
    now: Date
    policy: Pick<PolicyInForce, 'version' | 'allowMfaDowngrade'>
    target?: MigrationTarget
  },
): Promise<MigrationOutcome> {
  const started = performance.now()
  const elapsed = () => performance.now() - started
  const time = () => new Date(now.getTime() + elapsed())
  // Single sign-on can give another company's client the same `sid`. The claim must give it no session, and a refusal
  // must not hold back the user's own client.
  if (!session.isFirstParty) {
    const retryAt = new Date(time().getTime() + refusedRetryDelay)
    return { result: 'refused', reason: 'client_not_allowed', retryAt }
  }
  const wait = await countMigration(session)
  if (wait !== null) {
    const retryAt = new Date(time().getTime() + wait * 1_000)
    return { result: 'waiting', reason: 'too_many_attempts', retryAt }
  }
  const keys = await sessionKeys(session, target.organizationId)
  const revocation = await findLegacyRevocation(session)
  if (revocation) return { result: 'ended', reason: revocation }
  const attempt = await waitForClaim(keys, time, elapsed)

  if (attempt.state === 'busy') {
    const retryAt = new Date(time().getTime() + busyRetryDelay)
    return { result: 'waiting', reason: 'in_progress', retryAt }
  }
  if (attempt.state === 'backing_off') {
    return { result: 'waiting', reason: attempt.reason, retryAt: attempt.retryAt }
  }
  if (attempt.state === 'ended') return { result: 'ended', reason: 'stytch_session_ended' }
  if (attempt.state === 'migrated') {
    return reuseSession(keys, attempt.sessionToken, target.sessions, now)
  }

  const retryAt = await passBrake(cutoverConfig().migrationsPerSecond, time())
  if (retryAt) {
    await settleHeldBack(attempt.claim, retryAt, time())
    return { result: 'waiting', reason: 'brake', retryAt }
  }
  const { outcome, accountId } = await attemptMigration(session, getToken, attempt.claim, target, {
    now: time(),
    allowMfaDowngrade: policy.allowMfaDowngrade ?? false,
  })
  await recordEvent(
    {
      at: now,
      kind: 'migration',
      accountId,
      issuer: session.issuer.canonicalName,
      subject: session.subject,
      lane: outcome.result === 'migrated' ? 'stytch' : 'legacy',
      result: outcome.result,
      reason: outcome.result === 'migrated' ? 'carried_over' : outcome.reason,
      milliseconds: elapsed(),
      policyVersion: policy.version,
    },
    target.organizationId === null ? 'consumer' : 'member',
  )
  return outcome
}

/** Counts a request to migrate. Returns null, or the seconds to wait if its subject made too many. */
async function countMigration({ issuer, subject }: LegacySession): Promise<number | null> {
  try {
    await countEvent([limits.migrateBySubject, `${issuer.canonicalName} ${subject}`])
    return null
  } catch (error) {
    if (error instanceof RateLimited) return error.retryAfterSeconds
    throw error
  }
}

/** Takes the claim. While another request holds it, waits for the result of that request. */
async function waitForClaim(
  keys: SessionKeys,
  time: () => Date,
  elapsed: () => number,
): Promise<ClaimAttempt> {
  let attempt = await takeClaim(keys, time())
  let delay = firstPollDelay
  while (attempt.state === 'busy' && elapsed() < waitDeadline) {
    await new Promise((resolve) => setTimeout(resolve, delay))
    delay = Math.min(delay * 2, maximumPollDelay)
    const seen = await readClaim(keys, time())
    attempt = seen.state === 'free' ? await takeClaim(keys, time()) : seen
  }
  return attempt
}

/** The outcome of a migration that is done already: the same Stytch session, with a new JWT. */
async function reuseSession(
  keys: SessionKeys,
  sessionToken: string,
  sessions: ProjectSessions,
  now: Date,
): Promise<MigrationOutcome> {
  try {
    const opened = await sessions.authenticate(sessionToken)
    // The user may have signed out while Stytch did not answer. Stytch then does not know it yet.
    const revocation = await findRevocation({ ...opened, issuer: sessions.issuerOf(opened) })
    if (!revocation) return { result: 'migrated', userId: opened.subject, tokens: opened.tokens }
  } catch (error) {
    if (!isEnded(error)) {
      return { result: 'waiting', reason: failureReason(error), retryAt: retryTime(1, now) }
    }
  }
  await endClaim(keys, now)
  return { result: 'ended', reason: 'stytch_session_ended' }
}
