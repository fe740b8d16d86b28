import { pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'
import { ApiError } from '../errors.ts'
import { optionalObject } from '../request-fields.ts'
import { base64Bytes, sameBytes, wholeNumber } from './config-fields.ts'
import type { PasswordHash } from './password-hash.ts'

const derive = promisify(pbkdf2)

/** The bytes in base64, with `pbkdf_2_config`. */
export function readPbkdf2(sentHash: unknown, sentConfig: unknown): PasswordHash {
  const config = optionalObject(sentConfig, 'pbkdf_2_config') ?? {}
  const { algorithm = 'sha256' } = config
  if (algorithm !== 'sha256' && algorithm !== 'sha512') {
    throw new ApiError('invalid_pbkdf_2_algorithm')
  }
  const salt = base64Bytes(config.salt, 'invalid_pbkdf_2_salt')
  const iterations = wholeNumber(config.iteration_amount, {
    min: 1,
    max: 10_000_000,
    error: 'invalid_pbkdf_2_iteration_amount',
  })
  const expected = base64Bytes(sentHash, 'invalid_pbkdf_2_hash')
  if (config.key_length !== expected.length) throw new ApiError('invalid_pbkdf_2_hash')
  return {
    async matches(password) {
      const derived = await derive(password, salt, iterations, expected.length, algorithm)
      return sameBytes(derived, expected)
    },
  }
}
