import 'server-only'
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt)

/** Shorter passwords are refused. */
export const minimumPasswordLength = 8

/** The cost of scrypt: 16 MB of memory, and about 30 milliseconds. */
const cost = { N: 16_384, r: 8, p: 1 }
const keyLength = 32
const pattern = /^scrypt\$(\d+)\$(\d+)\$(\d+)\$([\w-]+)\$([\w-]+)$/

/** A hash as `scrypt$N$r$p$salt$key`. docs/in-house-login.md writes it as Stytch imports it. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const key = await derive(password.normalize('NFC'), salt, keyLength, cost)
  const { N, r, p } = cost
  return `scrypt$${N}$${r}$${p}$${salt.toString('base64url')}$${key.toString('base64url')}`
}

/** A hash of nothing that anybody types. */
const nobody = `scrypt$16384$8$1$${'A'.repeat(22)}$${'A'.repeat(43)}`

/** Checks a password. Without a hash it takes as long, so that the time does not tell who has an account. */
export async function isPassword(password: string, hash: string | null): Promise<boolean> {
  const [, N, r, p, salt = '', key = ''] = pattern.exec(hash ?? nobody) ?? []
  if (!N) return false
  const stored = Buffer.from(key, 'base64url')
  const options = { N: Number(N), r: Number(r), p: Number(p), maxmem: 256 * 1_024 * 1_024 }
  const derived = await derive(
    password.normalize('NFC'),
    Buffer.from(salt, 'base64url'),
    stored.length,
    options,
  )
  return timingSafeEqual(derived, stored) && hash !== null
}
