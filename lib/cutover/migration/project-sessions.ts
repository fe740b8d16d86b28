import 'server-only'
import type { Revoker } from '../../stytch/end-session'
import { stytchIssuerName } from '../../stytch/issuer'
import { authenticateSession, type OpenedSession } from '../../stytch/opened-session'
import { revokeSession, revokeSessionById } from '../../stytch/revoke'
import { type ListedSession, sessionsOf } from '../../stytch/users'

/** The sessions of one of our projects at Stytch. All calls throw {StytchRefusal | ProviderFailure}. */
export type ProjectSessions = Revoker & {
  /** The session of a token, with a new JWT. */
  authenticate(sessionToken: string): Promise<OpenedSession>
  /** The live sessions of the user or member of this session. */
  list(opened: OpenedSession): Promise<ListedSession[]>
  /** The issuer of the identity that this session opens. */
  issuerOf(opened: OpenedSession): string
}

export const consumerSessions: ProjectSessions = {
  byId: revokeSessionById,
  byToken: revokeSession,
  authenticate: authenticateSession,
  list: ({ subject }) => sessionsOf(subject),
  issuerOf: stytchIssuerName,
}
