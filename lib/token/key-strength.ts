import type { JWTVerifyGetKey } from 'jose'

/** The minimum that RFC 7518 section 3.3 requires. */
export const minimumRsaBits = 2_048

/** The issuer publishes a key that is too weak. Only the issuer can replace it, so a retry does not help. */
export class KeyTooWeak extends Error {
  readonly code = 'key_too_weak'
  constructor() {
    super(`The RSA key has fewer than ${minimumRsaBits} bits.`)
    this.name = 'KeyTooWeak'
  }
}

/** Removes the weak keys. jose would refuse them too, but with the same error as for a failed fetch. */
export const strongKeys =
  (keys: JWTVerifyGetKey): JWTVerifyGetKey =>
  async (header, token) => {
    const key = await keys(header, token)
    const bits =
      'algorithm' in key ? (key.algorithm as { modulusLength?: number }).modulusLength : undefined
    if (bits !== undefined && bits < minimumRsaBits) throw new KeyTooWeak()
    return key
  }
