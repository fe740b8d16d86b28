import { errors, type JWTPayload, jwtVerify } from 'jose'
import QuickLRU from 'quick-lru'
import { decodeUnverified } from './jwt'
import type { Refusal } from './refusal'
import type { Issuer, Registry } from './registry'

/** Clocks of providers may run ahead of ours by this. Never applied to `exp`. In seconds. */
const skewSeconds = 5

export type VerifiedToken = {
  ok: true
  issuer: Issuer
  subject: string
  /** When the token ends. */
  expiresAt: Date
  claims: JWTPayload
}

export type RefusedToken = {
  ok: false
  code: Refusal
  /** Set when the issuer is one of ours. */
  issuer?: Issuer
  /** Set only for `token_expired`: everything but the time was verified. */
  expired?: { subject: string; claims: JWTPayload }
}

/**
 * Tokens whose signature, issuer and audience were verified in the last half minute: a browser sends the same
 * one with each request. Only good ones, so that forgeries push nothing out. Times are checked anew each time.
 */
type Memory = QuickLRU<string, { issuer: Issuer; claims: JWTPayload }>
const memories = new WeakMap<Registry, Memory>()

function memoryOf(registry: Registry): Memory {
  const known = memories.get(registry) ?? new QuickLRU({ maxSize: 2_000, maxAge: 30_000 })
  memories.set(registry, known)
  return known
}

/**
 * Verifies a JWT against the one issuer that its `iss` names.
 *
 * The unverified `iss` is only a key into the registry; audience, algorithms, type and keys are
 * those of the entry found (RFC 8725 sections 3.1, 3.8, 3.9, 3.11). There is no default.
 *
 * @returns never throws for anything a client can send
 */
export async function verifyToken(
  token: string,
  registry: Registry,
  now: Date,
): Promise<VerifiedToken | RefusedToken> {
  const memory = memoryOf(registry)
  const known = memory.get(token)
  if (known) return atThisTime(known.issuer, known.claims, now)

  const decoded = decodeUnverified(token)
  if (typeof decoded === 'string') return { ok: false, code: decoded }
  const { header, payload } = decoded

  if (typeof payload.iss !== 'string') return { ok: false, code: 'issuer_missing' }
  const issuer = registry.get(payload.iss)
  if (!issuer) return { ok: false, code: 'issuer_unknown' }

  if (typeof header.alg !== 'string' || !issuer.algorithms.includes(header.alg)) {
    return refuse(issuer, 'algorithm_not_allowed')
  }
  // Without a kid a key set with one key would match any token (RFC 7517 section 4.5).
  if (typeof header.kid !== 'string' || header.kid === '') return refuse(issuer, 'key_missing')
  if (typeof header.typ !== 'string' || !issuer.types.includes(header.typ.toLowerCase())) {
    return refuse(issuer, 'type_not_allowed')
  }

  let claims: JWTPayload
  try {
    const verified = await jwtVerify(token, issuer.keys, {
      issuer: payload.iss,
      audience: issuer.audience,
      algorithms: [...issuer.algorithms],
      requiredClaims: ['exp', 'iat', 'sub'],
      clockTolerance: skewSeconds,
      currentDate: now,
    })
    claims = verified.payload
    memory.set(token, { issuer, claims })
  } catch (error) {
    if (!(error instanceof errors.JWTExpired)) return refuse(issuer, refusalOf(error))
    claims = error.payload
  }
  return atThisTime(issuer, claims, now)
}

const refuse = (issuer: Issuer, code: Refusal): RefusedToken => ({ ok: false, code, issuer })

/** What the claims of a token amount to whose signature, issuer and audience are good. */
function atThisTime(issuer: Issuer, claims: JWTPayload, now: Date): VerifiedToken | RefusedToken {
  if (typeof claims.sub !== 'string' || claims.sub === '') return refuse(issuer, 'claim_invalid')
  if (typeof claims.iat !== 'number' || typeof claims.exp !== 'number')
    return refuse(issuer, 'claim_invalid')
  const seconds = now.getTime() / 1000
  if (Math.max(claims.iat, claims.nbf ?? 0) > seconds + skewSeconds)
    return refuse(issuer, 'token_not_yet_valid')
  if (issuer.isMachine?.(claims)) return refuse(issuer, 'machine_token')
  if (claims.exp <= seconds) {
    return { ...refuse(issuer, 'token_expired'), expired: { subject: claims.sub, claims } }
  }
  return { ok: true, issuer, subject: claims.sub, expiresAt: new Date(claims.exp * 1000), claims }
}

/** By class and code of the library's errors, never by their text. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'aud') return 'audience_mismatch'
    if (error.claim === 'nbf' && error.reason === 'check_failed') return 'token_not_yet_valid'
    return 'claim_invalid'
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature_invalid'
  if (error instanceof errors.JWKSNoMatchingKey) return 'key_unknown'
  if (error instanceof errors.JWKSMultipleMatchingKeys) return 'key_unknown'
  if (error instanceof errors.JOSEAlgNotAllowed) return 'algorithm_not_allowed'
  if (error instanceof errors.JOSENotSupported) return 'token_malformed'
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid)
    return 'token_malformed'
  // What is left came from fetching the keys: time-out, network, status, or not a key set.
  return 'keys_unavailable'
}
