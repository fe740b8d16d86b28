import type { Session } from 'stytch'
import { type Forgery, signJwt } from '../../stand-in/jwt.ts'
import type { Project } from '../project.ts'
import { sessionClaim, sessionJwtLifetimeSeconds } from '../session-jwt.ts'

/** A new JWT for the session, or a forged one as a test wants it. */
export async function signSessionJwt(
  project: Project,
  session: Session,
  forgery?: Forgery,
): Promise<string> {
  const iat = project.clock.epochSeconds()
  const claims = {
    ...session.custom_claims,
    [sessionClaim]: {
      id: session.session_id,
      started_at: session.started_at,
      last_accessed_at: session.last_accessed_at,
      expires_at: session.expires_at,
      attributes: session.attributes,
      authentication_factors: session.authentication_factors,
      roles: session.roles,
    },
    iss: `stytch.com/${project.projectId}`,
    sub: session.user_id,
    aud: [project.projectId],
    iat,
    nbf: iat,
    exp: iat + sessionJwtLifetimeSeconds,
  }
  return signJwt(await project.keys.signing(), claims, forgery)
}
