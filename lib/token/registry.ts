import { createLocalJWKSet, createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose'

/** A provider whose tokens are accepted, and what its tokens must have. */
export type Issuer = {
  /** The lane of a session with such a token. */
  lane: 'stytch' | 'legacy'
  /** Every `iss` that this provider writes. They are compared as exact strings, with case and slashes. */
  names: readonly [string, ...string[]]
  /** The one of `names` that is stored with accounts. */
  canonicalName: string
  /** A token must have one of these audiences. With an empty list, every token is refused. */
  audience: string | string[]
  algorithms: readonly string[]
  /** Allowed `typ` headers, see media-type.ts. */
  types: readonly string[]
  keys: JWTVerifyGetKey
  /** True for the tokens of machines, which have no account. */
  isMachine?: (claims: Record<string, unknown>) => boolean
}

/** Issuers by exact name. It is a `Map`, because in an object `iss: "__proto__"` would find a value. */
export type Registry = ReadonlyMap<string, Issuer>

/** @throws {Error} when two issuers have one name. Otherwise their order would decide which one verifies a token. */
export function createRegistry(issuers: readonly Issuer[]): Registry {
  const registry = new Map<string, Issuer>()
  for (const issuer of issuers) {
    for (const name of issuer.names) {
      if (registry.has(name)) throw new Error(`Two issuers are registered as "${name}".`)
      registry.set(name, issuer)
    }
  }
  return registry
}

/** Pause before the next fetch after an issuer did not answer. In milliseconds. */
const pauseMilliseconds = 2_000

/**
 * The published keys of an issuer, fetched on first use and again after ten minutes. While the issuer does not
 * answer, the last known keys stay in use, so that an outage logs nobody out.
 * @param url from our configuration. A URL from a token would allow server-side request forgery.
 */
export function remoteKeys(url: string): JWTVerifyGetKey {
  const remote = createRemoteJWKSet(new URL(url), {
    timeoutDuration: 2_000,
    // Tokens with unknown key ids cause at most one fetch in this time.
    cooldownDuration: 30_000,
    cacheMaxAge: 600_000,
  })
  let pausedUntil = 0
  let failure: unknown
  return async (header, token) => {
    if (Date.now() >= pausedUntil) {
      try {
        return await remote(header, token)
      } catch (error) {
        // The issuer answered, and does not publish this key.
        if (error instanceof errors.JWKSNoMatchingKey) throw error
        if (error instanceof errors.JWKSMultipleMatchingKeys) throw error
        pausedUntil = Date.now() + pauseMilliseconds
        failure = error
      }
    }
    const lastKnown = remote.jwks()
    if (!lastKnown) throw failure
    return createLocalJWKSet(lastKnown)(header, token)
  }
}
