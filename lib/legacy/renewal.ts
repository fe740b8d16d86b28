import { legacyConfig } from './config'
import type { LegacySession } from './session'

/** A session is renewed at most once in this time. In seconds. */
const leastGain = 60 * 60

/**
 * Whether the cookie of a session must be sealed again, so that it does not end before the session. The product that
 * sealed it may have used a rolling session, which is the default of Auth0's SDK: its cookie ends a day after the last
 * visit. Without a renewal, everybody would be signed out a day after the deployment.
 */
export function isRenewalDue(
  { sealedUntil, expiresAt }: Pick<LegacySession, 'sealedUntil' | 'expiresAt'>,
  now: Date,
): boolean {
  if (!sealedUntil) return false
  const { inactivitySeconds } = legacyConfig()
  const end = Math.min(now.getTime() + inactivitySeconds * 1_000, expiresAt.getTime())
  const gain = (end - sealedUntil.getTime()) / 1_000
  return gain > Math.min(leastGain, inactivitySeconds / 10)
}
