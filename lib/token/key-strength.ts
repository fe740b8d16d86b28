import type { JWTVerifyGetKey } from 'jose'

/** RFC 7518 section 3.3. */
const minimumRsaBits = 2_048

/** The issuer publishes a key that can be broken. Only the issuer can mend that, so trying again does not help. */
export class KeyTooWeak extends Error {
  readonly code = 'key_too_weak'
  constructor() {
    super(`The RSA key has fewer than ${minimumRsaBits} bits.`)
    this.name = 'KeyTooWeak'
  }
}

/** The same keys, without the weak ones. jose refuses those too, but with the error of a fetch that failed. */
export const strongKeys =
  (keys: JWTVerifyGetKey): JWTVerifyGetKey =>
  async (header, token) => {
    const key = await keys(header, token)
    const bits =
      'algorithm' in key ? (key.algorithm as { modulusLength?: number }).modulusLength : undefined
    if (bits !== undefined && bits < minimumRsaBits) throw new KeyTooWeak()
    return key
  }
