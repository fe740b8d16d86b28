import 'server-only'
import type { LegacySession } from '../../legacy/session'
import type { Revocation } from '../../revocation/revocation-list'
import { isClaimEnded, type SessionKeys } from '../migration/claim'
import { findLegacyRevocation } from '../migration/legacy-revocation'
import type { Assessment } from '../routing/assess'
import { refusalOf } from '../routing/refusal'

/** What was decided about a request, for its page or API. Consumers and members share it. */
export const decisionOf = (assessed: Assessment) => ({
  /** A stable code. */
  reason: (assessed.refusal ?? assessed.verdict.reason) as string,
  flow: { name: assessed.cohort.flow, reason: assessed.cohort.reason as string },
  policyVersion: assessed.policy.version,
  /** The response of an API without a session. */
  refusal: refusalOf(assessed),
})

/** The same for a request whose session counts for nothing. @param revocation why it was ended, if it was */
export function withoutSession(assessed: Assessment, revocation: Revocation | null) {
  const none = { ...decisionOf(assessed), session: null, account: async () => null }
  if (!revocation) return none
  const refused: Assessment = {
    ...assessed,
    refusal: revocation,
    verdict: { ...assessed.verdict, action: 'refuse', lane: 'anonymous' },
  }
  return { ...none, reason: revocation, refusal: refusalOf(refused) }
}

/**
 * Whether a legacy session was ended, or its user blocked. A copy of a token stays valid until it expires. The check
 * passes while the database is unavailable, since an outage must not sign users out.
 */
export async function legacyRevocation(
  session: LegacySession,
  keys: SessionKeys,
): Promise<Revocation | null> {
  const [revocation, hasEnded] = await Promise.all([
    findLegacyRevocation(session).catch(() => null),
    isClaimEnded(keys).catch(() => false),
  ])
  return revocation ?? (hasEnded ? 'session_ended' : null)
}
