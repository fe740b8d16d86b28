import { createHash } from 'node:crypto'
import { ApiError } from '../errors.ts'
import { requiredText } from '../request-fields.ts'
import type { PasswordHash } from './password-hash.ts'

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** The portable hash of phpass, as in WordPress (`$P$`) and phpBB (`$H$`). https://www.openwall.com/phpass/ */
export function readPhpass(sentHash: unknown): PasswordHash {
  const hash = requiredText(sentHash, 'hash')
  if (!/^\$[PH]\$/.test(hash)) throw new ApiError('invalid_phpass_hash_prefix')
  const match = /^\$[PH]\$([./0-9A-Za-z])([./0-9A-Za-z]{8})([./0-9A-Za-z]{22})$/.exec(hash)
  const [, exponent = '', salt = '', expected = ''] = match ?? []
  const log2 = alphabet.indexOf(exponent)
  // The limits of phpass itself.
  if (!match || log2 < 7 || log2 > 30) throw new ApiError('invalid_phpass_hash_format')
  return { matches: async (password) => phpass(password, salt, log2) === expected }
}

/** The last 22 characters of the hash. */
export function phpass(password: string, salt: string, log2: number): string {
  const md5 = (...parts: (string | Buffer)[]): Buffer => {
    const hash = createHash('md5')
    for (const part of parts) hash.update(part)
    return hash.digest()
  }
  let digest = md5(salt, password)
  for (let round = 0; round < 2 ** log2; round += 1) digest = md5(digest, password)
  return encode64(digest)
}

/** Little-endian groups of three bytes, six bits a character. */
function encode64(bytes: Buffer): string {
  let text = ''
  for (let start = 0; start < bytes.length; start += 3) {
    const group = bytes.subarray(start, start + 3)
    const value = group.readUIntLE(0, group.length)
    for (let place = 0; place <= group.length; place += 1) {
      text += alphabet[(value >> (6 * place)) & 0x3f]
    }
  }
  return text
}
