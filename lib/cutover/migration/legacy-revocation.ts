import 'server-only'
import { legacyProvider } from '../../legacy/configured-provider'
import { legacyMembership } from '../../legacy/membership'
import type { LegacySession } from '../../legacy/session'
import { findRevocation, type Revocation } from '../../revocation/revocation-list'

/**
 * Whether the user of a legacy session was blocked, or their sessions were ended. The end of one legacy session is in
 * its claim. A session for an organization ends with the membership too.
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function findLegacyRevocation(session: LegacySession): Promise<Revocation | null> {
  const [revocation, end] = await Promise.all([
    findListedRevocation(session),
    legacyProvider().findEnd(session),
  ])
  return revocation ?? end
}

const findListedRevocation = ({
  issuer,
  subject,
  organizationId,
  startedAt,
  signedInAt,
}: LegacySession): Promise<Revocation | null> =>
  findRevocation({
    issuer: issuer.canonicalName,
    subject,
    startedAt: signedInAt ?? startedAt,
    sessionId: null,
    membership:
      organizationId === null
        ? null
        : legacyMembership({ issuer: issuer.canonicalName, subject }, organizationId),
    mayBeRefreshed: signedInAt === null,
  })
