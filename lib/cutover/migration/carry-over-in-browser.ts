import 'server-only'
import { cookies, headers } from 'next/headers'
import { errorText } from '../../error-text'
import type { CookieJar } from '../../legacy/cookies'
import type { LegacyProvider } from '../../legacy/provider'
import { isRenewalDue } from '../../legacy/renewal'
import type { LegacySession } from '../../legacy/session'
import { requestTime, secondsUntil } from '../../request/clock'
import { sessionCookies } from '../../stytch/cookies'
import type { Assessment } from '../routing/assess'
import { carryOver } from './carry-over'
import type { MigrationOutcome } from './outcome'
import type { MigrationTarget } from './target'

export type CarryOverResult = {
  result: MigrationOutcome['result'] | 'unavailable'
  reason: string
  /** Set when the client may retry. */
  retryAfterSeconds?: number
}

/** The login of the legacy session, and the project at Stytch that it moves to. */
export type BrowserMigration = {
  target: MigrationTarget
  login: Pick<LegacyProvider, 'tokenOfBrowser' | 'renewInAction'>
  expireLegacyCookies(jar: CookieJar): void
}

/**
 * Migrates a legacy session of the current request and sets the cookies of the Stytch session. Call it only in a server
 * action, after the verdict allowed it. The legacy cookie stays dormant, so that no user must sign in again after a
 * rollback.
 */
export async function carryOverInBrowser(
  { audience, credentials, policy }: Assessment,
  session: LegacySession,
  { target, login, expireLegacyCookies }: BrowserMigration,
): Promise<CarryOverResult> {
  const isAmbiguous = credentials.duplicates.size > 0
  const token = () => login.tokenOfBrowser(session, isAmbiguous)
  const now = requestTime(await headers())
  let outcome: MigrationOutcome
  try {
    outcome = await carryOver(session, token, { now, policy, target })
  } catch (error) {
    console.error(`migration: not started, the database failed: ${errorText(error)}`)
    return { result: 'unavailable', reason: 'database_unavailable', retryAfterSeconds: 30 }
  }
  const jar = await cookies()
  switch (outcome.result) {
    case 'migrated':
      for (const cookie of sessionCookies(outcome.tokens, audience.project.cookies)) jar.set(cookie)
      return { result: 'migrated', reason: 'carried_over' }
    case 'ended':
      // The Stytch session was revoked. The dormant legacy session must not sign the user in again.
      expireLegacyCookies(jar)
      return { result: 'ended', reason: outcome.reason }
    default:
      // No other request can refresh the token now, unless another one holds the claim.
      if (outcome.reason !== 'in_progress' && isRenewalDue(session, now))
        await login.renewInAction()
      return {
        result: outcome.result,
        reason: outcome.reason,
        // Counted from now, since the attempt took some time.
        retryAfterSeconds: secondsUntil(outcome.retryAt, requestTime(await headers())),
      }
  }
}
