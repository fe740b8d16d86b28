import { z } from 'zod'
import { ProviderFailure } from '../../provider-failure'
import { memberSessionFactors } from '../../stytch/factors'
import type { OpenedSession, SessionOrganization } from '../../stytch/opened-session'
import { startTime, timestamp } from '../../stytch/timestamp'
import { isSubject } from '../../token/claims'
import { callTeamStytch } from './client'

/** The fields that we read from Stytch's answer about a member's session. */
const authenticated = z.object({
  session_token: z.string().min(1),
  session_jwt: z.string().min(1),
  member_session: z.object({
    member_session_id: z.string(),
    member_id: z.string().refine(isSubject),
    organization_id: z.string().min(1),
    organization_slug: z.string(),
    started_at: startTime,
    expires_at: timestamp,
    authentication_factors: memberSessionFactors,
    roles: z.array(z.string()).catch([]),
  }),
})

/** A member's session. It is always for one organization. */
export type OpenedMemberSession = OpenedSession & { organization: SessionOrganization }

/** @throws {ProviderFailure} when the answer is not what Stytch describes */
export function openedMemberSessionOf(answer: unknown): OpenedMemberSession {
  const parsed = authenticated.safeParse(answer)
  if (!parsed.success) {
    throw new ProviderFailure('stytch', 'unexpected_response', 'an answer without a member session')
  }
  const { session_token, session_jwt, member_session: session } = parsed.data
  return {
    tokens: {
      sessionToken: session_token,
      sessionJwt: session_jwt,
      expiresAt: session.expires_at,
    },
    subject: session.member_id,
    sessionId: session.member_session_id,
    startedAt: session.started_at,
    factors: session.authentication_factors,
    organization: {
      id: session.organization_id,
      slug: session.organization_slug,
      roles: session.roles,
    },
  }
}

/**
 * Asks Stytch about a member's session token, and gets the session with a new JWT. The session does not get longer.
 * @throws {StytchRefusal | ProviderFailure}
 */
export const authenticateMemberSession = async (
  sessionToken: string,
  deadlineMilliseconds?: number,
): Promise<OpenedMemberSession> =>
  openedMemberSessionOf(
    await callTeamStytch(
      (client) => client.sessions.authenticate({ session_token: sessionToken }),
      deadlineMilliseconds,
    ),
  )
