import { createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { exportJWK } from 'jose'
import type { JWK } from 'stytch'
import { ApiError } from './errors.ts'
import { stableId } from './ids.ts'

/** What the JWKS endpoint does: `rotate` signs with a second key and serves both. */
export const jwksModes = ['normal', 'rotate', 'empty', 'error', 'slow'] as const
export type JwksMode = (typeof jwksModes)[number]

export type SigningKey = { kid: string; privateKey: KeyObject; publicKey: KeyObject }

const generateRsa = promisify(generateKeyPair)

// One set for the process: a reset, or a second stand-in in one test run, must
// not turn the keys stale that a verifier has cached.
const generated = new Map<string, Promise<SigningKey>>()

async function generateKey(name: string): Promise<SigningKey> {
  const { privateKey } = await generateRsa('rsa', { modulusLength: 2048 })
  const publicKey = createPublicKey(privateKey)
  const modulus = (await exportJWK(publicKey)).n ?? ''
  return { kid: stableId('jwk', `${name}:${modulus}`), privateKey, publicKey }
}

function key(name: 'first' | 'second' | 'stranger'): Promise<SigningKey> {
  let pair = generated.get(name)
  if (!pair) {
    pair = generateKey(name)
    generated.set(name, pair)
  }
  return pair
}

export type ProjectKeys = ReturnType<typeof createProjectKeys>

/** The keys of a project, and the switch for how they are served. */
export function createProjectKeys() {
  let mode: JwksMode = 'normal'
  return {
    get mode() {
      return mode
    },
    setMode(next: JwksMode) {
      mode = next
    },
    /** The key that signs now. */
    current: () => key(mode === 'rotate' ? 'second' : 'first'),
    /** A key that the project never had. */
    stranger: () => key('stranger'),
    /** The key with this id, if it is one of the project's. */
    async find(kid: string | undefined): Promise<SigningKey | undefined> {
      const own = [await key('first'), await key('second')]
      return own.find((candidate) => candidate.kid === kid)
    },
    /** What the JWKS endpoint lists. */
    async published(): Promise<JWK[]> {
      if (mode === 'error') throw new ApiError('internal_server_error')
      if (mode === 'empty') return []
      const keys =
        mode === 'rotate' ? [await key('first'), await key('second')] : [await key('first')]
      return Promise.all(keys.map(toJwk))
    },
  }
}

async function toJwk({ kid, publicKey }: SigningKey): Promise<JWK> {
  const { kty = '', n = '', e = '' } = await exportJWK(publicKey)
  const none = { x5c: [], x5tS256: '' }
  return { kty, use: 'sig', key_ops: ['verify'], alg: 'RS256', kid, n, e, ...none }
}
