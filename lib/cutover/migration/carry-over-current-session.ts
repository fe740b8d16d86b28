import 'server-only'
import { cookies, headers } from 'next/headers'
import { errorText } from '../../error-text'
import { freshAccessToken } from '../../legacy/access-token'
import { expireLegacyCookies } from '../../legacy/cookies'
import { isRenewalDue, renewInAction } from '../../legacy/renewal'
import { requestTime, secondsUntil } from '../../request/clock'
import { sessionCookies } from '../../stytch/cookies'
import { assessCurrentRequest } from '../routing/current-request'
import { carryOver } from './carry-over'
import type { MigrationOutcome } from './outcome'

export type CarryOverResult = {
  result: MigrationOutcome['result'] | 'unavailable'
  reason: string
  /** Set when the client may retry. */
  retryAfterSeconds?: number
}

/**
 * Migrates the legacy session of this request and sets the cookies of the Stytch session. Decides the verdict
 * again, since anybody can post to a server action. The legacy cookie stays dormant, so that no user
 * must sign in again after a rollback.
 */
export async function carryOverCurrentSession(): Promise<CarryOverResult> {
  const assessed = await assessCurrentRequest('page')
  if (assessed.verdict.lane === 'stytch') return { result: 'migrated', reason: 'stytch_session' }
  if (!assessed.verdict.migrate || assessed.legacy.state !== 'valid') {
    return { result: 'refused', reason: assessed.verdict.reason }
  }
  const { session } = assessed.legacy
  // The SDK reads only one of several cookies with one name, and a sibling subdomain may have planted that one.
  const isAmbiguous = assessed.credentials.duplicates.size > 0
  const accessToken = async () =>
    isAmbiguous && session.tokenState === 'live' ? session.accessToken : freshAccessToken()
  const now = requestTime(await headers())
  let outcome: MigrationOutcome
  try {
    outcome = await carryOver(session, accessToken, {
      now,
      policy: assessed.policy,
    })
  } catch (error) {
    console.error(`migration: not started, the database failed: ${errorText(error)}`)
    return { result: 'unavailable', reason: 'database_unavailable', retryAfterSeconds: 30 }
  }
  const jar = await cookies()
  switch (outcome.result) {
    case 'migrated':
      for (const cookie of sessionCookies(outcome.tokens)) jar.set(cookie)
      return { result: 'migrated', reason: 'carried_over' }
    case 'ended':
      // The Stytch session was revoked. The dormant legacy session must not sign the user in again.
      expireLegacyCookies(jar)
      return { result: 'ended', reason: outcome.reason }
    default:
      // No other request can refresh the token now, unless another one holds the claim.
      if (outcome.reason !== 'in_progress' && isRenewalDue(session, now)) await renewInAction()
      return {
        result: outcome.result,
        reason: outcome.reason,
        // Counted from now, since the attempt took some time.
        retryAfterSeconds: secondsUntil(outcome.retryAt, requestTime(await headers())),
      }
  }
}
