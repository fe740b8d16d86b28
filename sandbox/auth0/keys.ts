import {
  createHmac,
  createPublicKey,
  generateKeyPair,
  type JsonWebKey,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto'
import { promisify } from 'node:util'

/** One RSA key of the tenant: what signs, what is published and its id. */
export type SigningKey = {
  kid: string
  privateKey: KeyObject
  privateJwk: JsonWebKey & { kid: string; alg: string; use: string }
  publicJwk: JsonWebKey & { kid: string; alg: string; use: string }
  publicPem: string
}

/** A fresh `kid` each time, so that nobody's cache mistakes one key for another. */
export async function createSigningKey(kid = randomBytes(12).toString('base64url')) {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const publicKey = createPublicKey(privateKey)
  const names = { kid, alg: 'RS256', use: 'sig' }
  const key: SigningKey = {
    kid,
    privateKey,
    privateJwk: { ...privateKey.export({ format: 'jwk' }), ...names },
    publicJwk: { ...publicKey.export({ format: 'jwk' }), ...names },
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  }
  return key
}

export type JwtParts = { header: Record<string, unknown>; payload: Record<string, unknown> }

/**
 * Signs whatever it is given, forgeries included: a library would refuse to make
 * the tokens that a verifier has to refuse.
 */
export function signJwt(key: SigningKey, { header, payload }: JwtParts): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const input = `${encode(header)}.${encode(payload)}`
  return `${input}.${signature(key, header.alg, input)}`
}

function signature(key: SigningKey, alg: unknown, input: string): string {
  if (typeof alg === 'string' && alg.toLowerCase() === 'none') return ''
  if (alg === 'HS256') {
    // The classic confusion: the public key, which everybody has, as the secret.
    return createHmac('sha256', key.publicPem).update(input).digest('base64url')
  }
  const hash = alg === 'RS384' ? 'sha384' : alg === 'RS512' ? 'sha512' : 'sha256'
  return sign(hash, Buffer.from(input), key.privateKey).toString('base64url')
}
