import { createHmac, sign } from 'node:crypto'
import { z } from 'zod'
import type { SigningKey } from './signing-key.ts'

const changes = z.record(z.string(), z.unknown()).optional()

/** The changes of a test to a token. They replace the real claims and headers, and null removes one. */
export const forgeryFields = {
  claims: changes,
  header: changes,
  signWith: z.enum(['own', 'stranger']).optional(),
}

export type Forgery = z.infer<z.ZodObject<typeof forgeryFields>>

export type TokenKeys = {
  own: SigningKey
  /** A foreign key. It signs under the `kid` of the own key, for verifiers that trust the `kid` alone. */
  stranger: () => Promise<SigningKey>
}

/**
 * Signs a JWT with RS256, or a forged JWT as a test wants it. It is written by hand, because a library
 * refuses to sign the tokens that a verifier must refuse.
 */
export async function signJwt(
  keys: TokenKeys,
  claims: object,
  forgery: Forgery = {},
): Promise<string> {
  const key = forgery.signWith === 'stranger' ? await keys.stranger() : keys.own
  const header = changed({ alg: 'RS256', typ: 'JWT', kid: keys.own.kid }, forgery.header)
  const input = `${encode(header)}.${encode(changed(claims, forgery.claims))}`
  return `${input}.${signature(key, String(header.alg), input)}`
}

function signature(key: SigningKey, alg: string, input: string): string {
  if (alg.toLowerCase() === 'none') return ''
  const hash = `sha${/(256|384|512)$/.exec(alg)?.[0] ?? '256'}`
  if (alg.startsWith('HS')) {
    // Algorithm confusion: the public key, which everybody has, as the shared secret.
    const secret = key.publicKey.export({ type: 'spki', format: 'pem' })
    return createHmac(hash, secret).update(input).digest('base64url')
  }
  return sign(hash, Buffer.from(input), key.privateKey).toString('base64url')
}

function changed(base: object, changes: Record<string, unknown> = {}): Record<string, unknown> {
  const merged = Object.entries({ ...base, ...changes })
  return Object.fromEntries(merged.filter(([, value]) => value !== null))
}

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
