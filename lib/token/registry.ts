import { createLocalJWKSet, createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose'

/** A provider whose tokens we accept, and everything that pins them. */
export type Issuer = {
  /** Which lane the token belongs to. */
  lane: 'stytch' | 'legacy'
  /** Every `iss` this provider writes, compared as exact strings: no case folding, no slashes added. */
  names: readonly [string, ...string[]]
  /** The one form that is stored with accounts, whichever of `names` a token carries. */
  canonicalName: string
  audience: string
  algorithms: readonly string[]
  /** Allowed `typ` headers, lower case. */
  types: readonly string[]
  keys: JWTVerifyGetKey
  /** True for tokens of machines, which have no account here. */
  isMachine?: (claims: Record<string, unknown>) => boolean
}

/** Issuers by exact name. A `Map`, never an object: `iss: "__proto__"` must find nothing. */
export type Registry = ReadonlyMap<string, Issuer>

/** @throws {Error} when two issuers claim one name: then a token's meaning would hang on their order. */
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

/** How long an issuer is left alone after it did not answer. In milliseconds. */
const pauseMilliseconds = 2_000

/**
 * The published keys of an issuer, fetched on first use and again after ten minutes. While the issuer is
 * away the last known keys stay in use: they have not become wrong, and nobody must be logged out for it.
 * @param url from our configuration, never from a token: that would be a server-side request forgery
 */
export function remoteKeys(url: string): JWTVerifyGetKey {
  const remote = createRemoteJWKSet(new URL(url), {
    timeoutDuration: 2_000,
    // A storm of unknown key ids causes one fetch in this time, not one each.
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
        // The issuer answered, and this key is not among its keys.
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
