import type { SourceHash } from './source-user'

type Decoded = Pick<SourceHash, 'hashType' | 'fields'>

const bcrypt = /^\$2[aby](\$\d\d\$[./A-Za-z0-9]{53})$/
const argon = /^\$argon2(id|i)\$v=19\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+$/
const scrypt = /^\$scrypt\$ln=\d+,r=\d+,p=\d+\$[A-Za-z0-9+/]+={0,2}\$[A-Za-z0-9+/]+={0,2}$/
const phpass = /^\$[PH]\$[./A-Za-z0-9]{31}$/
const pbkdf2 =
  /^\$pbkdf2-(sha256|sha512)\$(?:i=)?(\d+)(?:,l=\d+)?\$([A-Za-z0-9+/.]+)\$([A-Za-z0-9+/.]+)$/

/**
 * A hash in a format that names its own parameters, as `passwords.migrate` takes it. Others are null. A wrong guess
 * would import a password that never matches.
 * https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md
 */
export function decodeHash(hash: string): Decoded | null {
  const rest = bcrypt.exec(hash)?.[1]
  // PHP writes $2y$ for what all others call $2b$.
  if (rest) {
    return { hashType: 'bcrypt', fields: { hash: hash.startsWith('$2y$') ? `$2b${rest}` : hash } }
  }
  if (phpass.test(hash)) return { hashType: 'phpass', fields: { hash } }
  if (scrypt.test(hash)) return { hashType: 'scrypt', fields: { hash } }
  const kind = argon.exec(hash)?.[1]
  if (kind) return { hashType: kind === 'id' ? 'argon_2id' : 'argon_2i', fields: { hash } }
  return decodePbkdf2(hash)
}

function decodePbkdf2(hash: string): Decoded | null {
  const [, algorithm, iterations, salt = '', key = ''] = pbkdf2.exec(hash) ?? []
  if (!algorithm) return null
  const expected = standardBase64(key)
  const config = {
    salt: standardBase64(salt),
    iteration_amount: Number(iterations),
    key_length: Buffer.from(expected, 'base64').length,
    algorithm,
  }
  return { hashType: 'pbkdf_2', fields: { hash: expected, pbkdf_2_config: config } }
}

/** Passlib writes a dot where base64 has a plus sign. */
const standardBase64 = (text: string): string => text.replaceAll('.', '+')
