import type { PasswordsMigrateRequest } from 'stytch'
import { ApiError } from '../errors.ts'
import { requiredText, type Sent } from '../request-fields.ts'
import { readArgon2 } from './argon2.ts'
import { readBcrypt } from './bcrypt.ts'
import { readDigest } from './digest.ts'
import type { PasswordHash } from './password-hash.ts'
import { readPbkdf2 } from './pbkdf2.ts'
import { readPhpass } from './phpass.ts'
import { readScrypt } from './scrypt.ts'

type HashFields = Sent<
  Pick<
    PasswordsMigrateRequest,
    | 'hash'
    | 'hash_type'
    | 'md_5_config'
    | 'argon_2_config'
    | 'sha_1_config'
    | 'sha_512_config'
    | 'scrypt_config'
    | 'pbkdf_2_config'
  >
>

/** By `hash_type`: all types that Stytch documents. */
const readers: Record<string, (sent: HashFields) => PasswordHash> = {
  bcrypt: readBcrypt,
  md_5: ({ hash, md_5_config }) =>
    readDigest({ algorithm: 'md5', bytes: 16, error: 'invalid_md_5_hash' }, hash, md_5_config),
  sha_1: ({ hash, sha_1_config }) =>
    readDigest({ algorithm: 'sha1', bytes: 20, error: 'invalid_sha_1_hash' }, hash, sha_1_config),
  sha_512: ({ hash, sha_512_config }) => {
    const digest = { algorithm: 'sha512', bytes: 64, error: 'invalid_sha_512_hash' } as const
    return readDigest(digest, hash, sha_512_config)
  },
  argon_2i: ({ hash, argon_2_config }) => readArgon2('argon2i', hash, argon_2_config),
  argon_2id: ({ hash, argon_2_config }) => readArgon2('argon2id', hash, argon_2_config),
  scrypt: ({ hash, scrypt_config }) => readScrypt(hash, scrypt_config),
  pbkdf_2: ({ hash, pbkdf_2_config }) => readPbkdf2(hash, pbkdf_2_config),
  phpass: ({ hash }) => readPhpass(hash),
}

/** The hash of `passwords.migrate`. A sign-in verifies the password against it. */
export function readHash(sent: HashFields): PasswordHash {
  const type = requiredText(sent.hash_type, 'hash_type')
  const read = Object.hasOwn(readers, type) ? readers[type] : undefined
  if (!read) throw new ApiError('invalid_hash_type')
  return read(sent)
}
