import 'server-only'
import type { LegacySession } from '../../legacy/session'
import { findRevocation, type Revocation } from '../../revocation/revocation-list'

/**
 * Whether the user of a legacy session was blocked, or their sessions were ended. The end of one legacy session is in
 * its claim.
 * @throws {DatabaseUnavailable} and driver errors
 */
export const findLegacyRevocation = ({
  issuer,
  subject,
  startedAt,
  signedInAt,
}: LegacySession): Promise<Revocation | null> =>
  findRevocation({
    issuer: issuer.canonicalName,
    subject,
    startedAt: signedInAt ?? startedAt,
    sessionId: null,
    mayBeRefreshed: signedInAt === null,
  })
