import { type Credentials, maximumCandidates, valuesOf } from '../token/credentials'
import type { Registry } from '../token/registry'
import { verifyToken } from '../token/verify'
import type { CookieNames } from './cookies'

/**
 * Finds the genuine session JWT among cookies of the same name. A site on a sibling subdomain can plant such a cookie.
 * The app cannot delete it, so a refusal would lock the user out. With two genuine JWTs it cannot know whose session is
 * meant, and uses neither.
 * @returns the one JWT that Stytch signed for us, with every session token. Null when there is not exactly one.
 */
export async function genuineCookies(
  credentials: Credentials,
  registry: Registry,
  now: Date,
  names: CookieNames,
): Promise<{ jwt: string; tokens: readonly string[] } | 'keys_unavailable' | null> {
  const jwts = valuesOf(credentials, names.jwt)
  const tokens = valuesOf(credentials, names.token)
  if (Math.max(jwts.length, tokens.length) > maximumCandidates) return null
  const verified = await Promise.all(jwts.map((jwt) => verifyToken(jwt, registry, now)))
  // Only the keys tell which one is genuine, and an outage must not sign anybody out.
  if (verified.some((each) => !each.ok && each.code === 'keys_unavailable'))
    return 'keys_unavailable'
  // An expired JWT counts too. Otherwise a planted live one would win against it.
  const [jwt, another] = jwts.filter((_, index) => {
    const each = verified[index]
    return each?.issuer?.lane === 'stytch' && (each.ok || each.expired)
  })
  return jwt === undefined || another !== undefined ? null : { jwt, tokens }
}
