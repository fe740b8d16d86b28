import { createHash, randomBytes, randomUUID } from 'node:crypto'

type Kind = 'email' | 'oauth-user' | 'password' | 'request-id' | 'session' | 'user' | 'jwk'

/** An id as Stytch's test environment forms it, such as `user-test-<uuid>`. */
export const newId = (kind: Kind): string => `${kind}-test-${randomUUID()}`

/** The same id for the same seed, so that a reset does not orphan what an app stored. */
export function stableId(kind: Kind, seed: string): string {
  const hex = createHash('sha256').update(`${kind}:${seed}`).digest('hex')
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
  ]
  return `${kind}-test-${parts.join('-')}-${hex.slice(20, 32)}`
}

/** An opaque token of 44 characters, as session tokens and link tokens are. */
export const newToken = (): string => randomBytes(33).toString('base64url')

/** RFC 3339 in whole seconds, as all of Stytch's timestamps are. */
export const timestamp = (milliseconds: number): string =>
  `${new Date(milliseconds).toISOString().slice(0, 19)}Z`
