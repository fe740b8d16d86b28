import { createHash, randomBytes, randomUUID } from 'node:crypto'

type Kind =
  | 'email'
  | 'member'
  | 'member-password'
  | 'member-totp'
  | 'oauth-user'
  | 'organization'
  | 'password'
  | 'phone-number'
  | 'request-id'
  | 'session'
  | 'totp'
  | 'user'
  | 'jwk'

/** An id in the form of Stytch's test environment, such as `user-test-<uuid>`. */
export const newId = (kind: Kind): string => `${kind}-test-${randomUUID()}`

/** The same id for the same seed. The ids that an app has stored stay valid after a reset. */
export function stableId(kind: Kind, seed: string): string {
  const hash = createHash('sha256').update(`${kind}:${seed}`).digest('hex')
  const uuid = hash.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5')
  return `${kind}-test-${uuid}`
}

/** 44 characters, as in Stytch's session tokens and link tokens. */
export const newToken = (): string => randomBytes(33).toString('base64url')

/** RFC 3339 in whole seconds, as in all of Stytch's responses. */
export const timestamp = (milliseconds: number): string =>
  `${new Date(milliseconds).toISOString().slice(0, 19)}Z`
