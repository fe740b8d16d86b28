import { errors, type JWTVerifyGetKey, SignJWT } from 'jose'
import { legacyConfig } from '../config'
import type { InHouseSettings } from './settings'

/**
 * The cookie of the in-house login is a signed token with the id of the session. The middleware has no database, so it
 * checks the signature only. Pages, actions and API calls check the table too.
 */

export const sessionTokenType = 'legacy-session+jwt'
export const sessionTokenAlgorithm = 'HS256'

export function inHouseConfig(): InHouseSettings {
  const settings = legacyConfig()
  if (settings.provider !== 'in-house')
    throw new Error('The in-house login is not the legacy provider.')
  return settings
}

export type SessionClaims = {
  subject: string
  /** The id of the session. The table has only its hash. */
  sid: string
  email: string
  /** As it was at the sign-in, because a later proof may be that of another person. */
  emailVerified: boolean
  name: string
}

type Key = { id: string; bytes: Uint8Array }

/** Each secret has an id that is derived from it, so that several secrets are valid while they are rotated. */
async function keyOf(secret: string): Promise<Key> {
  const bytes = new TextEncoder().encode(secret)
  const digest = await crypto.subtle.digest(
    'SHA-256',
    new TextEncoder().encode(`in-house-login\n${secret}`),
  )
  return { id: Buffer.from(digest).toString('base64url').slice(0, 12), bytes }
}

let memo: Promise<[Key, ...Key[]]> | undefined
const keys = (): Promise<[Key, ...Key[]]> => {
  memo ??= Promise.all(inHouseConfig().sessionSecrets.map(keyOf)) as Promise<[Key, ...Key[]]>
  return memo
}

/** The key that signed a token. @throws {Error} for an unknown id, which the verification takes for a refusal */
export const sessionKey: JWTVerifyGetKey = async ({ kid }) => {
  const found = (await keys()).find(({ id }) => id === kid)
  if (!found) throw new errors.JWKSNoMatchingKey()
  return found.bytes
}

/** The token of a new session. */
export async function sealSession(claims: SessionClaims, start: Date, end: Date): Promise<string> {
  const [key] = await keys()
  const { issuer } = inHouseConfig()
  const { subject, sid, email, emailVerified, name } = claims
  return new SignJWT({ sid, email, email_verified: emailVerified, name })
    .setProtectedHeader({ alg: sessionTokenAlgorithm, typ: sessionTokenType, kid: key.id })
    .setIssuer(issuer)
    .setAudience(issuer)
    .setSubject(subject)
    .setIssuedAt(Math.floor(start.getTime() / 1_000))
    .setExpirationTime(Math.floor(end.getTime() / 1_000))
    .sign(key.bytes)
}
