import { argon2 } from 'node:crypto'
import { promisify } from 'node:util'
import { ApiError } from '../errors.ts'
import { optionalObject, requiredText } from '../request-fields.ts'
import { base64Bytes, sameBytes, wholeNumber } from './config-fields.ts'
import type { PasswordHash } from './password-hash.ts'

const derive = promisify(argon2)

type Parameters = { passes: number; memory: number; parallelism: number; nonce: Buffer }

/**
 * A PHC string, or the bytes in base64 with `argon_2_config`. The type of the request must be the type of the
 * PHC string.
 */
export function readArgon2(
  algorithm: 'argon2i' | 'argon2id',
  sentHash: unknown,
  sentConfig: unknown,
): PasswordHash {
  const hash = requiredText(sentHash, 'hash')
  const { expected, ...parameters } = hash.startsWith('$')
    ? fromPhcString(algorithm, hash)
    : fromConfig(hash, optionalObject(sentConfig, 'argon_2_config') ?? {})
  check(parameters)
  const tagLength = wholeNumber(expected.length, {
    min: 4,
    max: 1024,
    error: 'invalid_argon_2_key_length',
  })
  return {
    async matches(password) {
      const message = Buffer.from(password)
      const derived = await derive(algorithm, { message, tagLength, ...parameters })
      return sameBytes(derived, expected)
    },
  }
}

function fromPhcString(algorithm: string, hash: string): Parameters & { expected: Buffer } {
  const match =
    /^\$(argon2id?)\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(hash)
  const [, type, memory, passes, parallelism, salt, tag] = match ?? []
  if (type !== algorithm) throw new ApiError('invalid_hash')
  return {
    passes: Number(passes),
    memory: Number(memory),
    parallelism: Number(parallelism),
    nonce: base64Bytes(salt, 'invalid_argon_2_salt'),
    expected: base64Bytes(tag, 'invalid_hash'),
  }
}

function fromConfig(
  hash: string,
  config: Record<string, unknown>,
): Parameters & { expected: Buffer } {
  if (typeof config.salt !== 'string') throw new ApiError('invalid_argon_2_salt')
  const expected = base64Bytes(hash, 'invalid_hash')
  if (config.key_length !== expected.length) throw new ApiError('invalid_argon_2_key_length')
  return {
    passes: Number(config.iteration_amount),
    memory: Number(config.memory),
    parallelism: Number(config.threads),
    // Documented by Stytch as "the salt value", without base64 as for scrypt.
    nonce: Buffer.from(config.salt),
    expected,
  }
}

/** The limits of Argon2 itself, and limits that protect the stand-in's own memory. */
function check({ passes, memory, parallelism, nonce }: Parameters): void {
  wholeNumber(parallelism, { min: 1, max: 64, error: 'invalid_argon_2_threads' })
  wholeNumber(passes, { min: 1, max: 1000, error: 'invalid_argon_2_iteration_amount' })
  const error = 'invalid_argon_2_memory'
  wholeNumber(memory, { min: 8 * parallelism, max: 1_048_576, error })
  if (nonce.length < 8) throw new ApiError('invalid_argon_2_salt')
}
