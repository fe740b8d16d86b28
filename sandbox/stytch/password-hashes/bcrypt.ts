import bcrypt from 'bcryptjs'
import { ApiError } from '../errors.ts'
import { requiredText } from '../request-fields.ts'
import type { PasswordHash } from './password-hash.ts'

const cost = 10

export const bcryptHash = (hash: string): PasswordHash => ({
  matches: (password) => bcrypt.compare(password, hash),
})

/** The hash of a password that the user has chosen at Stytch. */
export const hashPassword = async (password: string): Promise<PasswordHash> =>
  bcryptHash(await bcrypt.hash(password, cost))

export function readBcrypt(sent: { hash?: unknown }): PasswordHash {
  const hash = requiredText(sent.hash, 'hash')
  const match = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(hash)
  if (!match) throw new ApiError('invalid_bcrypt_hash')
  const sentCost = Number(match[1])
  if (sentCost < 4 || sentCost > 31) throw new ApiError('invalid_bcrypt_cost')
  return bcryptHash(hash)
}
