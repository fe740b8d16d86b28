import { errors, type JWTPayload, jwtVerify } from 'jose'
import QuickLRU from 'quick-lru'
import { isNumericDate, isSubject } from './claims'
import { decodeUnverified } from './jwt'
import { KeyTooWeak, strongKeys } from './key-strength'
import { isSameMediaType } from './media-type'
import type { Refusal } from './refusal'
import type { Issuer, Registry } from './registry'

/** Tolerance for a provider's clock that is ahead of ours. It does not apply to `exp`. In seconds. */
const skewSeconds = 5

export type VerifiedToken = {
  ok: true
  issuer: Issuer
  subject: string
  /** When the token expires. */
  expiresAt: Date
  claims: JWTPayload
}

export type RefusedToken = {
  ok: false
  code: Refusal
  /** Set when the issuer is registered. */
  issuer?: Issuer
  /** Set only for `token_expired`. Everything except the expiry was verified. */
  expired?: { subject: string; claims: JWTPayload }
}

/**
 * Tokens whose signature, issuer and audience were verified in the last 30 seconds, since a browser sends the
 * same token with each request. Forged tokens are not cached, so they cannot evict good ones.
 */
type Cache = QuickLRU<string, { issuer: Issuer; claims: JWTPayload }>
const caches = new WeakMap<Registry, Cache>()

function cacheOf(registry: Registry): Cache {
  const cache = caches.get(registry) ?? new QuickLRU({ maxSize: 2_000, maxAge: 30_000 })
  caches.set(registry, cache)
  return cache
}

/**
 * Verifies a JWT against the one issuer that its `iss` names.
 *
 * The unverified `iss` only selects an issuer in the registry. That issuer determines the audience, algorithms, type
 * and keys (RFC 8725 sections 3.1, 3.8, 3.9, 3.11). There is no default issuer.
 *
 * @returns never throws for anything that a client can send
 */
export async function verifyToken(
  token: string,
  registry: Registry,
  now: Date,
): Promise<VerifiedToken | RefusedToken> {
  const cache = cacheOf(registry)
  const cached = cache.get(token)
  if (cached) return checkClaims(cached.issuer, cached.claims, now)

  const decoded = decodeUnverified(token)
  if (typeof decoded === 'string') return { ok: false, code: decoded }
  const { header, payload } = decoded

  if (typeof payload.iss !== 'string') return { ok: false, code: 'issuer_missing' }
  const issuer = registry.get(payload.iss)
  if (!issuer) return { ok: false, code: 'issuer_unknown' }

  const { alg, kid, typ } = header
  if (typeof alg !== 'string' || !issuer.algorithms.includes(alg)) {
    return refuse(issuer, 'algorithm_not_allowed')
  }
  // Without a kid, a key set with one key would match any token (RFC 7517 section 4.5).
  if (typeof kid !== 'string' || kid === '') return refuse(issuer, 'key_missing')
  if (typeof typ !== 'string' || !issuer.types.some((type) => isSameMediaType(type, typ))) {
    return refuse(issuer, 'type_not_allowed')
  }

  let claims: JWTPayload
  try {
    const verified = await jwtVerify(token, strongKeys(issuer.keys), {
      issuer: payload.iss,
      audience: issuer.audience,
      algorithms: [...issuer.algorithms],
      requiredClaims: ['exp', 'iat', 'sub'],
      clockTolerance: skewSeconds,
      currentDate: now,
    })
    claims = verified.payload
    cache.set(token, { issuer, claims })
  } catch (error) {
    if (!isRefusedForItsTimes(error)) return refuse(issuer, refusalOf(error))
    claims = error.payload
  }
  return checkClaims(issuer, claims, now)
}

const refuse = (issuer: Issuer, code: Refusal): RefusedToken => ({ ok: false, code, issuer })

/** Checks the other claims of a token whose signature, issuer and audience are verified. */
function checkClaims(issuer: Issuer, claims: JWTPayload, now: Date): VerifiedToken | RefusedToken {
  const { sub: subject, iat, nbf = 0, exp } = claims
  if (!isSubject(subject) || !isNumericDate(iat) || !isNumericDate(nbf) || !isNumericDate(exp))
    return refuse(issuer, 'claim_invalid')
  const seconds = now.getTime() / 1_000
  if (Math.max(iat, nbf) > seconds + skewSeconds) return refuse(issuer, 'token_not_yet_valid')
  if (issuer.isMachine?.(claims)) return refuse(issuer, 'machine_token')
  if (exp <= seconds) return { ...refuse(issuer, 'token_expired'), expired: { subject, claims } }
  return { ok: true, issuer, subject, expiresAt: new Date(exp * 1_000), claims }
}

/** jose checks the times last, so everything else of such a token is verified. */
const isRefusedForItsTimes = (
  error: unknown,
): error is errors.JWTExpired | errors.JWTClaimValidationFailed =>
  error instanceof errors.JWTExpired ||
  (error instanceof errors.JWTClaimValidationFailed &&
    error.claim === 'nbf' &&
    error.reason === 'check_failed')

/** Decides by the class and the code of an error, never by its text. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof errors.JWTClaimValidationFailed) {
    return error.claim === 'aud' ? 'audience_mismatch' : 'claim_invalid'
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature_invalid'
  if (error instanceof KeyTooWeak) return error.code
  if (error instanceof errors.JWKSNoMatchingKey) return 'key_unknown'
  if (error instanceof errors.JWKSMultipleMatchingKeys) return 'key_unknown'
  if (error instanceof errors.JOSEAlgNotAllowed) return 'algorithm_not_allowed'
  if (error instanceof errors.JOSENotSupported) return 'token_malformed'
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid)
    return 'token_malformed'
  // The keys could not be fetched, because of a timeout, the network, the status or an invalid answer.
  return 'keys_unavailable'
}
