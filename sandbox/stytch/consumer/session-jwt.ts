import { compactVerify, decodeProtectedHeader } from 'jose'
import type { Session } from 'stytch'
import { type Forgery, signJwt } from '../../stand-in/jwt.ts'
import { ApiError } from '../errors.ts'
import type { Project } from '../project.ts'

/** Stytch fixes it, independent of the duration of the session. */
const lifetimeSeconds = 300

const sessionClaim = 'https://stytch.com/session'

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
    exp: iat + lifetimeSeconds,
  }
  return signJwt(await project.keys.signing(), claims, forgery)
}

/** The id of the session in a JWT of this project. An expired JWT is valid here: it refreshes a session. */
export async function readSessionJwt(project: Project, jwt: string): Promise<string> {
  try {
    const key = await project.keys.find(decodeProtectedHeader(jwt).kid)
    if (!key) throw new Error('unknown key')
    const { payload } = await compactVerify(jwt, key.publicKey, { algorithms: ['RS256'] })
    const claims = JSON.parse(new TextDecoder().decode(payload))
    const audience: unknown[] = [claims.aud].flat()
    if (claims.iss !== `stytch.com/${project.projectId}`) throw new Error('unknown issuer')
    if (!audience.includes(project.projectId)) throw new Error('unknown audience')
    return String(claims[sessionClaim].id)
  } catch {
    throw new ApiError('unable_to_parse_session_jwt')
  }
}
