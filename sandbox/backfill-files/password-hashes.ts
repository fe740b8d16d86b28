import { argon2Sync, pbkdf2Sync, scryptSync } from 'node:crypto'
import bcrypt from 'bcryptjs'
import { phpass } from '../stytch/password-hashes/phpass.ts'

/** The password of every user in the files. */
export const filesPassword = 'a password from long ago'

export type HashName = 'bcrypt' | 'bcrypt of PHP' | 'argon2id' | 'scrypt' | 'pbkdf2' | 'phpass'

/** One salt for all, so that the same seed gives the same bytes, and a million users need one hash. */
const salt = 'aSaltOfSixteenCh'

const made = new Map<HashName, string>()

/** The hash of {@link filesPassword}, in a form that names its parameters. */
export function passwordHash(name: HashName): string {
  const known = made.get(name)
  if (known) return known
  const hash = make(name)
  made.set(name, hash)
  return hash
}

function make(name: HashName): string {
  const encodedSalt = withoutPadding(Buffer.from(salt))
  switch (name) {
    case 'bcrypt':
      return bcrypt.hashSync(filesPassword, `$2b$10$${bcrypt.encodeBase64(Buffer.from(salt), 16)}`)
    case 'bcrypt of PHP':
      return passwordHash('bcrypt').replace('$2b$', '$2y$')
    case 'argon2id': {
      const parameters = { memory: 1024, passes: 2, parallelism: 1, tagLength: 32 }
      const message = Buffer.from(filesPassword)
      const tag = argon2Sync('argon2id', { ...parameters, message, nonce: Buffer.from(salt) })
      return `$argon2id$v=19$m=1024,t=2,p=1$${encodedSalt}$${withoutPadding(tag)}`
    }
    case 'scrypt': {
      const key = scryptSync(filesPassword, salt, 32, { N: 1024, r: 8, p: 1 })
      return `$scrypt$ln=10,r=8,p=1$${encodedSalt}$${withoutPadding(key)}`
    }
    case 'pbkdf2': {
      const key = pbkdf2Sync(filesPassword, salt, 1000, 32, 'sha256')
      return `$pbkdf2-sha256$i=1000,l=32$${encodedSalt}$${withoutPadding(key)}`
    }
    case 'phpass': {
      const phpassSalt = salt.slice(0, 8)
      // "8" stands for 2 to the power of 10.
      return `$P$8${phpassSalt}${phpass(filesPassword, phpassSalt, 10)}`
    }
  }
}

const withoutPadding = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '')
