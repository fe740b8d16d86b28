import 'server-only'
import type { EndedSession } from '../../revocation/revocation-list'
import { endDuplicateSessions, endSession, sessionToEnd } from '../../stytch/end-session'
import { readStytchSession, type StytchReading } from '../../stytch/session'
import { memberIssuerName } from '../../team/stytch/issuer'
import { memberRevoker } from '../../team/stytch/revoke'
import { type Credentials, readCredentials } from '../../token/credentials'
import { revokeLater } from '../revocation/jobs'
import { members } from './audience'

/** The issuer name of a member's session: it names the organization. */
function issuerOf(reading: StytchReading): string | null {
  const organizationId =
    reading.state === 'valid'
      ? reading.session.organization?.id
      : reading.state === 'refreshable' && reading.expected?.organizationId
  return organizationId ? memberIssuerName(organizationId) : null
}

const sessionOf = async (credentials: Credentials, now: Date): Promise<EndedSession | null> =>
  sessionToEnd(
    await readStytchSession(credentials, members.registry(), now, members.project),
    issuerOf,
    now,
  )

/** Ends the Stytch session of the member that signs out in this browser. Never throws. */
export async function endCurrentMemberSession(current: Headers, now: Date): Promise<boolean> {
  const credentials = readCredentials(current)
  const session = await sessionOf(credentials, now)
  if (session) return endSession(session, 'signed_out', now, revokeLater(session), memberRevoker)
  return endDuplicateSessions(
    credentials,
    { registry: members.registry(), issuer: issuerOf },
    now,
    revokeLater,
    { project: members.project, revoker: memberRevoker },
  )
}

/** Ends every Stytch session of these cookies, before a sign-in at the legacy provider replaces it. Never throws. */
export async function endReplacedByLegacy(credentials: Credentials, now: Date): Promise<boolean> {
  const session = await sessionOf(credentials, now)
  if (session) return endSession(session, 'replaced', now, revokeLater(session), memberRevoker)
  return endDuplicateSessions(
    credentials,
    { registry: members.registry(), issuer: issuerOf },
    now,
    revokeLater,
    { reason: 'replaced', project: members.project, revoker: memberRevoker },
  )
}

/**
 * Ends the Stytch session that this browser had before a sign-in. Its cookies are overwritten, so no sign-out could end
 * it.
 * @param sessionId of the new session
 */
export async function endReplacedMemberSession(
  received: Headers,
  sessionId: string,
  now: Date,
): Promise<void> {
  const replaced = await sessionOf(readCredentials(received), now)
  if (!replaced || replaced.sessionId === sessionId) return
  await endSession(replaced, 'replaced', now, revokeLater(replaced), memberRevoker)
}
