import { generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'

export type SigningKey = { kid: string; privateKey: KeyObject; publicKey: KeyObject }

/** An RSA key for RS256. Give each key its own `kid`, or a verifier mistakes it for one in its cache. */
export async function createSigningKey(kid: string, bits = 2048): Promise<SigningKey> {
  return { kid, ...(await promisify(generateKeyPair)('rsa', { modulusLength: bits })) }
}

/** The private or the public half as a JWK. */
export function toJwk(key: SigningKey, half: 'privateKey' | 'publicKey') {
  return { ...key[half].export({ format: 'jwk' }), kid: key.kid, alg: 'RS256', use: 'sig' }
}
