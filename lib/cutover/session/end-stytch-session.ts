import 'server-only'
import {
  consumerRevoker,
  endDuplicateSessions,
  endSession,
  type Revoker,
  type SessionIssuer,
  sessionToEnd,
} from '../../stytch/end-session'
import { stytchIssuerName } from '../../stytch/issuer'
import { readStytchSession } from '../../stytch/session'
import { type Credentials, readCredentials } from '../../token/credentials'
import { revokeLater } from '../revocation/jobs'
import { type Audience, consumers } from '../routing/audience'

/** What differs between the Stytch sessions of consumers and of members. */
export type StytchLogin = { audience: Audience; issuer: SessionIssuer; revoker: Revoker }

export const consumerStytchLogin: StytchLogin = {
  audience: consumers,
  issuer: stytchIssuerName,
  revoker: consumerRevoker,
}

const readSession = ({ audience }: StytchLogin, credentials: Credentials, now: Date) =>
  readStytchSession(credentials, audience.registry(), now, audience.project)

/**
 * Ends the Stytch session of these credentials: lists it, and revokes it now or by a job. Of duplicate cookies it ends
 * every session. Never throws.
 * @returns false when a session may still be used
 */
export async function endStytchSession(
  login: StytchLogin,
  credentials: Credentials,
  reason: 'signed_out' | 'replaced',
  now: Date,
): Promise<boolean> {
  const { audience, issuer, revoker } = login
  const session = sessionToEnd(await readSession(login, credentials, now), issuer, now)
  if (session) return endSession(session, reason, now, revokeLater(session), revoker)
  const issuers = { registry: audience.registry(), issuer }
  const { project } = audience
  return endDuplicateSessions(credentials, issuers, now, revokeLater, { reason, project, revoker })
}

/**
 * Ends the Stytch session that this browser had before a sign-in at Stytch. Its cookies are overwritten, so no sign-out
 * could end it. Never throws.
 * @param sessionId of the new session
 */
export async function endReplacedStytchSession(
  login: StytchLogin,
  received: Headers,
  sessionId: string,
  now: Date,
): Promise<void> {
  const reading = await readSession(login, readCredentials(received), now)
  const replaced = sessionToEnd(reading, login.issuer, now)
  if (!replaced || replaced.sessionId === sessionId) return
  await endSession(replaced, 'replaced', now, revokeLater(replaced), login.revoker)
}
