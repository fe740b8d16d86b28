import 'server-only'
import type { StytchReading } from '../../stytch/session'
import { memberIssuerName } from '../../team/stytch/issuer'
import { memberRevoker } from '../../team/stytch/revoke'
import { readCredentials } from '../../token/credentials'
import {
  endReplacedStytchSession,
  endStytchSession,
  type StytchLogin,
} from '../session/end-stytch-session'
import { members } from './audience'

/** The issuer name of a member's session: it names the organization. */
function issuerOf(reading: StytchReading): string | null {
  const organizationId =
    reading.state === 'valid'
      ? reading.session.organization?.id
      : reading.state === 'refreshable' && reading.expected?.organizationId
  return organizationId ? memberIssuerName(organizationId) : null
}

export const memberStytchLogin: StytchLogin = {
  audience: members,
  issuer: issuerOf,
  revoker: memberRevoker,
}

/** Ends the Stytch session of the member that signs out in this browser. Never throws. */
export const endCurrentMemberSession = (current: Headers, now: Date): Promise<boolean> =>
  endStytchSession(memberStytchLogin, readCredentials(current), 'signed_out', now)

/** See {@link endReplacedStytchSession}. */
export const endReplacedMemberSession = (
  received: Headers,
  sessionId: string,
  now: Date,
): Promise<void> => endReplacedStytchSession(memberStytchLogin, received, sessionId, now)
