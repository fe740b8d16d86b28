import 'server-only'
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { perProcess } from '../../per-process'

const deriveKey = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt)

/** Node has four threads for files, host names and hashes. The others go on while somebody floods the login. */
const maximumRunning = 2
/** The last one waits for about half a second. */
const maximumWaiting = 30

const { value: hashes } = perProcess('password-hashes', () => ({
  running: 0,
  waiting: [] as (() => void)[],
}))

/** So many passwords are being checked that this one is not. */
export class TooManyPasswords extends Error {
  readonly code = 'too_many_passwords'
  constructor() {
    super('Too many passwords are being checked.')
    this.name = 'TooManyPasswords'
  }
}

/** @throws {TooManyPasswords} */
async function derive(...of: Parameters<typeof deriveKey>): Promise<Buffer> {
  if (hashes.running < maximumRunning) hashes.running += 1
  else if (hashes.waiting.length >= maximumWaiting) throw new TooManyPasswords()
  // The one that ends gives its place away.
  else await new Promise<void>((start) => hashes.waiting.push(start))
  try {
    return await deriveKey(...of)
  } finally {
    const next = hashes.waiting.shift()
    if (next) next()
    else hashes.running -= 1
  }
}

/** Shorter passwords are refused. */
export const minimumPasswordLength = 8

/** The cost of scrypt: 16 MB of memory, and about 30 milliseconds. */
const cost = { N: 16_384, r: 8, p: 1 }
const keyLength = 32
const pattern = /^scrypt\$(\d+)\$(\d+)\$(\d+)\$([\w-]+)\$([\w-]+)$/

/**
 * A hash as `scrypt$N$r$p$salt$key`. docs/in-house-login.md writes it as Stytch imports it.
 * @throws {TooManyPasswords}
 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const key = await derive(password.normalize('NFC'), salt, keyLength, cost)
  const { N, r, p } = cost
  return `scrypt$${N}$${r}$${p}$${salt.toString('base64url')}$${key.toString('base64url')}`
}

/** A hash of nothing that anybody types. */
const nobody = `scrypt$16384$8$1$${'A'.repeat(22)}$${'A'.repeat(43)}`

/**
 * Checks a password. Without a hash it takes as long, so that the time does not tell who has an account.
 * @throws {TooManyPasswords}
 */
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
