import { createHash } from 'node:crypto'
import { ApiError, type ErrorType } from '../errors.ts'
import { optionalObject, requiredText } from '../request-fields.ts'
import { sameBytes } from './config-fields.ts'
import type { PasswordHash } from './password-hash.ts'

type Digest = { algorithm: 'md5' | 'sha1' | 'sha512'; bytes: number; error: ErrorType }

/** MD5, SHA-1 or SHA-512 in hexadecimal, of the password between the two salts. */
export function readDigest(
  { algorithm, bytes, error }: Digest,
  sentHash: unknown,
  sentConfig: unknown,
): PasswordHash {
  const hash = requiredText(sentHash, 'hash')
  if (!/^[0-9a-f]+$/i.test(hash) || hash.length !== 2 * bytes) throw new ApiError(error)
  const { prepend_salt, append_salt } = optionalObject(sentConfig, 'config') ?? {}
  const before = salt(prepend_salt, 'invalid_prepend_salt')
  const after = salt(append_salt, 'invalid_append_salt')
  const expected = Buffer.from(hash, 'hex')
  return {
    async matches(password) {
      const digest = createHash(algorithm).update(`${before}${password}${after}`).digest()
      return sameBytes(digest, expected)
    },
  }
}

function salt(value: unknown, error: ErrorType): string {
  if (value === undefined || value === null) return ''
  if (typeof value !== 'string') throw new ApiError(error)
  return value
}
