import { compactVerify, decodeProtectedHeader } from 'jose'
import { ApiError } from './errors.ts'
import type { ProjectKeys } from './keys.ts'

/** Stytch fixes it, independent of the duration of the session. */
export const sessionJwtLifetimeSeconds = 300

export const sessionClaim = 'https://stytch.com/session'

/**
 * The id of the session in a JWT of this project. An expired JWT is valid here: it refreshes a session.
 */
export async function readSessionId(
  { projectId, keys }: { projectId: string; keys: ProjectKeys },
  jwt: string,
): Promise<string> {
  try {
    const key = await keys.find(decodeProtectedHeader(jwt).kid)
    if (!key) throw new Error('unknown key')
    const { payload } = await compactVerify(jwt, key.publicKey, { algorithms: ['RS256'] })
    const claims = JSON.parse(new TextDecoder().decode(payload))
    const audience: unknown[] = [claims.aud].flat()
    if (claims.iss !== `stytch.com/${projectId}`) throw new Error('unknown issuer')
    if (!audience.includes(projectId)) throw new Error('unknown audience')
    return String(claims[sessionClaim].id)
  } catch {
    throw new ApiError('unable_to_parse_session_jwt')
  }
}
