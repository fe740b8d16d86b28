import type { MemberSession } from 'stytch'
import { type Forgery, signJwt } from '../../stand-in/jwt.ts'
import type { Project } from '../project.ts'
import { sessionClaim, sessionJwtLifetimeSeconds } from '../session-jwt.ts'

/** A new JWT for the member session, or a forged one as a test wants it. */
export async function signMemberSessionJwt(
  project: Project,
  session: MemberSession,
  forgery?: Forgery,
): Promise<string> {
  const { projectId, keys } = project.b2b
  const iat = project.clock.epochSeconds()
  const claims = {
    ...session.custom_claims,
    [sessionClaim]: {
      id: session.member_session_id,
      started_at: session.started_at,
      last_accessed_at: session.last_accessed_at,
      expires_at: session.expires_at,
      attributes: { ip_address: '', user_agent: '' },
      authentication_factors: session.authentication_factors,
      roles: session.roles,
    },
    'https://stytch.com/organization': {
      organization_id: session.organization_id,
      slug: session.organization_slug,
    },
    iss: `stytch.com/${projectId}`,
    sub: session.member_id,
    aud: [projectId],
    iat,
    nbf: iat,
    exp: iat + sessionJwtLifetimeSeconds,
  }
  return signJwt(await keys.signing(), claims, forgery)
}
