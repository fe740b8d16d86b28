import 'server-only'
import type { Database } from '../db/database'
import { errorText } from '../error-text'
import {
  confirmRevoked,
  type EndedSession,
  listSession,
  longestSession,
} from '../revocation/revocation-list'
import { type Credentials, maximumCandidates, valuesOf } from '../token/credentials'
import type { Registry } from '../token/registry'
import { consumerProject } from './project'
import { mayAskStytch } from './refresh-budget'
import { revokeSession, revokeSessionById } from './revoke'
import { readStytchSession, type StytchReading } from './session'

/** A job that revokes the session at Stytch later, if the attempt of the request fails. */
export type LaterRevocation = {
  /** Enqueues the job in the transaction that lists the session. */
  enqueue(tx: Database): Promise<void>
  /** Deletes the job, because Stytch has revoked the session. */
  cancel(): Promise<void>
}

/** Revokes sessions at one of our projects. Both throw {StytchRefusal | ProviderFailure}. */
export type Revoker = {
  byId(sessionId: string): Promise<void>
  byToken(sessionToken: string): Promise<void>
}

export const consumerRevoker: Revoker = { byId: revokeSessionById, byToken: revokeSession }

/** The issuer name of a session, or a function for an issuer that depends on the session. */
export type SessionIssuer = string | ((reading: StytchReading) => string | null)

/** The session of these credentials. Null when only Stytch could tell which session a token belongs to. */
export function sessionToEnd(
  reading: StytchReading,
  issuerName: SessionIssuer,
  now: Date,
): EndedSession | null {
  const issuer = typeof issuerName === 'string' ? issuerName : issuerName(reading)
  if (issuer === null) return null
  if (reading.state === 'valid') return { ...reading.session, issuer }
  if (reading.state !== 'refreshable' || !reading.expected) return null
  const { sessionId } = reading.expected
  // An expired JWT does not tell when its session ends.
  return { issuer, sessionId, expiresAt: new Date(now.getTime() + longestSession) }
}

/**
 * Ends a session: lists it first, and then revokes it at Stytch. Never throws.
 * @returns false when neither succeeded, so that a copy of the session may still be used
 */
export async function endSession(
  session: EndedSession,
  reason: 'signed_out' | 'replaced',
  now: Date,
  prepareLater: (() => Promise<LaterRevocation>) | null,
  revoker = consumerRevoker,
): Promise<boolean> {
  let later: LaterRevocation | undefined
  const prepare = async () => {
    // Without its queue the session is listed nevertheless, and so refused.
    const prepared = await prepareLater?.().catch((error: unknown) => {
      console.error(`stytch: a revocation could not be enqueued: ${errorText(error)}`)
    })
    return async (tx: Database) => {
      await prepared?.enqueue(tx)
      later = prepared ?? undefined
    }
  }
  const isListed = await succeeds('listed', () => listSession(session, reason, now, prepare))
  const isRevoked = await succeeds('revoked', () => revoker.byId(session.sessionId))
  if (isListed && isRevoked) {
    await succeeds('settled', () => Promise.all([confirmRevoked(session, now), later?.cancel()]))
  }
  return isListed || isRevoked
}

/**
 * The same for a session token without a readable JWT. The list cannot name its session. An attacker can make up such
 * tokens, so they share a small budget of calls.
 */
export const endUnknownSession = async (
  sessionToken: string,
  revoker = consumerRevoker,
): Promise<boolean> =>
  mayAskStytch({ sessionToken, expected: null }) &&
  succeeds('revoked', () => revoker.byToken(sessionToken))

/**
 * Ends the session of duplicate cookies that do not tell which one is meant. A sibling subdomain can plant some, and
 * the user's own session must end among them.
 * @returns false also for more cookies than are tried: the user's own may be among the others
 */
export async function endDuplicateSessions(
  credentials: Credentials,
  { registry, issuer }: { registry: Registry; issuer: SessionIssuer },
  now: Date,
  prepareLater: (session: EndedSession) => (() => Promise<LaterRevocation>) | null,
  {
    reason = 'signed_out' as 'signed_out' | 'replaced',
    project = consumerProject,
    revoker = consumerRevoker,
  } = {},
): Promise<boolean> {
  const jwts = valuesOf(credentials, project.cookies.jwt)
  const tokens = valuesOf(credentials, project.cookies.token)
  const endJwt = async (jwt: string): Promise<boolean> => {
    const cookies = new Map([...credentials.cookies, [project.cookies.jwt, jwt]])
    const reading = await readStytchSession(
      { bearer: null, cookies, duplicates: new Map() },
      registry,
      now,
      project,
    )
    const session = sessionToEnd(reading, issuer, now)
    return !session || endSession(session, reason, now, prepareLater(session), revoker)
  }
  const ended = await Promise.all([
    ...jwts.slice(0, maximumCandidates).map(endJwt),
    ...tokens.slice(0, maximumCandidates).map((token) => endUnknownSession(token, revoker)),
  ])
  return ended.every(Boolean) && Math.max(jwts.length, tokens.length) <= maximumCandidates
}

async function succeeds(what: string, work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    console.error(`stytch: an ended session could not be ${what}: ${errorText(error)}`)
    return false
  }
}
