import { type ScryptOptions, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { ApiError } from '../errors.ts'
import { optionalObject, requiredText } from '../request-fields.ts'
import { base64Bytes, sameBytes, wholeNumber } from './config-fields.ts'
import type { PasswordHash } from './password-hash.ts'

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt)

type Parameters = { N: number; r: number; p: number; salt: Buffer; expected: Buffer }

/** A PHC string, or the bytes in base64 with `scrypt_config`. */
export function readScrypt(sentHash: unknown, sentConfig: unknown): PasswordHash {
  const hash = requiredText(sentHash, 'hash')
  const { N, r, p, salt, expected } = hash.startsWith('$')
    ? fromPhcString(hash)
    : fromConfig(hash, optionalObject(sentConfig, 'scrypt_config') ?? {})
  // Documented by Stytch: a power of two, greater than 1 and less than 262,145.
  wholeNumber(N, { min: 2, max: 262_144, error: 'invalid_scrypt_n_parameter' })
  if ((N & (N - 1)) !== 0) throw new ApiError('invalid_scrypt_n_parameter')
  for (const factor of [r, p]) {
    wholeNumber(factor, { min: 1, max: 255, error: 'invalid_scrypt_parameters' })
  }
  // Node refuses to use more than 32 MB without this.
  const maxmem = 256 * N * r + 1024 * r * p
  return {
    async matches(password) {
      return sameBytes(await derive(password, salt, expected.length, { N, r, p, maxmem }), expected)
    },
  }
}

function fromPhcString(hash: string): Parameters {
  const match =
    /^\$scrypt\$ln=(\d{1,2}),r=(\d+),p=(\d+)\$([A-Za-z0-9+/]+={0,2})\$([A-Za-z0-9+/]+={0,2})$/.exec(
      hash,
    )
  if (!match) throw new ApiError('invalid_hash')
  const [, ln, r, p, salt, key] = match
  return {
    N: 2 ** Number(ln),
    r: Number(r),
    p: Number(p),
    salt: base64Bytes(salt, 'invalid_base64_scrypt_salt'),
    expected: base64Bytes(key, 'invalid_base64_scrypt_hash'),
  }
}

function fromConfig(hash: string, config: Record<string, unknown>): Parameters {
  const salt = base64Bytes(config.salt, 'invalid_base64_scrypt_salt')
  const expected = base64Bytes(hash, 'invalid_base64_scrypt_hash')
  if (config.key_length !== expected.length) throw new ApiError('invalid_scrypt_parameters')
  const { n_parameter, r_parameter, p_parameter } = config
  return { N: Number(n_parameter), r: Number(r_parameter), p: Number(p_parameter), salt, expected }
}
