import { createHmac, sign } from 'node:crypto'
import { compactVerify, decodeProtectedHeader, SignJWT } from 'jose'
import { ApiError } from '../errors.ts'
import type { Project } from '../project.ts'
import type { SessionRecord } from './store.ts'

/** Fixed by Stytch, whatever the length of the session. */
const JWT_LIFETIME_SECONDS = 300

export const SESSION_CLAIM = 'https://stytch.com/session'

/** The claims of a session JWT. Custom claims are siblings of the session claim. */
function sessionClaims(project: Project, { session }: SessionRecord): Record<string, unknown> {
  const issuedAt = project.control.clock.epochSeconds()
  return {
    ...session.custom_claims,
    [SESSION_CLAIM]: {
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
    iat: issuedAt,
    nbf: issuedAt,
    exp: issuedAt + JWT_LIFETIME_SECONDS,
  }
}

/** A fresh JWT for the session, signed as Stytch signs it. */
export async function mintSessionJwt(project: Project, record: SessionRecord): Promise<string> {
  const { kid, privateKey } = await project.keys.current()
  return new SignJWT(sessionClaims(project, record))
    .setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' })
    .sign(privateKey)
}

export type Forgery = {
  /** Merged into the real claims, last; null removes one. */
  claims?: Record<string, unknown>
  header?: Record<string, unknown>
  /** `stranger`: a key that the project never had, under the kid of its own. */
  signWith?: 'own' | 'stranger'
}

/**
 * A JWT that Stytch would never sign, for tests that must see it refused. Done
 * by hand, because a library refuses most of these on the way out.
 */
export async function forgeSessionJwt(
  project: Project,
  record: SessionRecord,
  forgery: Forgery,
): Promise<string> {
  const own = await project.keys.current()
  const { privateKey } = forgery.signWith === 'stranger' ? await project.keys.stranger() : own
  const header = override({ alg: 'RS256', kid: own.kid, typ: 'JWT' }, forgery.header)
  const payload = override(sessionClaims(project, record), forgery.claims)
  const signed = `${encode(header)}.${encode(payload)}`
  if (header.alg === 'none') return `${signed}.`
  const bits = /(256|384|512)$/.exec(String(header.alg))?.[0] ?? '256'
  if (String(header.alg).startsWith('HS')) {
    // The classic confusion of algorithms: the public key as a shared secret.
    const secret = own.publicKey.export({ type: 'spki', format: 'pem' })
    return `${signed}.${createHmac(`sha${bits}`, secret).update(signed).digest('base64url')}`
  }
  return `${signed}.${sign(`sha${bits}`, Buffer.from(signed), privateKey).toString('base64url')}`
}

function override(base: Record<string, unknown>, changes: Record<string, unknown> = {}) {
  const merged = Object.entries({ ...base, ...changes })
  return Object.fromEntries(merged.filter(([, value]) => value !== null))
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/**
 * The id of the session that a JWT of this project names. An expired JWT is
 * taken too: that is how a session is refreshed.
 */
export async function readSessionJwt(project: Project, jwt: string): Promise<string> {
  try {
    const key = await project.keys.find(decodeProtectedHeader(jwt).kid)
    if (!key) throw new Error('unknown key')
    const { payload } = await compactVerify(jwt, key.publicKey, { algorithms: ['RS256'] })
    const claims = JSON.parse(new TextDecoder().decode(payload))
    const audience: unknown[] = [claims.aud].flat()
    if (claims.iss !== `stytch.com/${project.projectId}`) throw new Error('foreign issuer')
    if (!audience.includes(project.projectId)) throw new Error('foreign audience')
    return String(claims[SESSION_CLAIM].id)
  } catch {
    throw new ApiError('unable_to_parse_session_jwt')
  }
}
