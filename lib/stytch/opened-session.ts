import { z } from 'zod'
import { ProviderFailure } from '../provider-failure'
import { isSubject } from '../token/claims'
import { callStytch, StytchRefusal } from './client'
import type { SessionTokens } from './cookies'
import { type SessionFactors, sessionFactors } from './factors'
import { startTime, timestamp } from './timestamp'

/** The fields that we read from Stytch's answer about a session. */
const authenticated = z.object({
  session_token: z.string().min(1),
  session_jwt: z.string().min(1),
  session: z.object({
    session_id: z.string(),
    user_id: z.string().refine(isSubject),
    started_at: startTime,
    expires_at: timestamp,
    authentication_factors: sessionFactors,
  }),
})

/** The organization that a member's session is for. */
export type SessionOrganization = {
  id: string
  slug: string
  /** The ids of the member's roles. */
  roles: readonly string[]
}

/** A session as Stytch answers it to a sign-in, or to a question about its token. */
export type OpenedSession = {
  tokens: SessionTokens
  subject: string
  sessionId: string
  startedAt: Date
  factors: SessionFactors
  /** The organization of a member's session. Null for a user of the consumer project. */
  organization: SessionOrganization | null
}

/** @throws {ProviderFailure} when the answer is not what Stytch describes */
export function openedSessionOf(answer: unknown): OpenedSession {
  const parsed = authenticated.safeParse(answer)
  if (!parsed.success) {
    throw new ProviderFailure('stytch', 'unexpected_response', 'an answer without a session')
  }
  const { session_token, session_jwt, session } = parsed.data
  return {
    tokens: {
      sessionToken: session_token,
      sessionJwt: session_jwt,
      expiresAt: session.expires_at,
    },
    subject: session.user_id,
    sessionId: session.session_id,
    startedAt: session.started_at,
    factors: session.authentication_factors,
    organization: null,
  }
}

/**
 * Whether Stytch's error means that the session has ended. Only the `error_type` counts. Another 400 or 404 is about
 * our request, and a 401 is about our keys, so neither may log a user out.
 */
export const isEnded = (error: unknown): boolean =>
  error instanceof StytchRefusal && error.errorType === 'session_not_found'

/**
 * Asks Stytch about a session token, and gets the session with a new JWT. The session does not get longer.
 * @throws {StytchRefusal | ProviderFailure} see {@link isEnded}
 */
export async function authenticateSession(
  sessionToken: string,
  deadlineMilliseconds?: number,
): Promise<OpenedSession> {
  return openedSessionOf(
    await callStytch(
      (client) => client.sessions.authenticate({ session_token: sessionToken }),
      deadlineMilliseconds,
    ),
  )
}
