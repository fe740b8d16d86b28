import type { JWK } from 'stytch'
import type { TokenKeys } from '../stand-in/jwt.ts'
import { createSigningKey, type SigningKey, toJwk } from '../stand-in/signing-key.ts'
import { newId } from './ids.ts'

/** The behaviours of the JWKS endpoint. `rotate` signs with a second key and serves both. */
export const jwksModes = ['normal', 'rotate', 'empty', 'error', 'slow'] as const
type JwksMode = (typeof jwksModes)[number]

export type ProjectKeys = ReturnType<typeof createProjectKeys>

export function createProjectKeys() {
  const first = createOnce()
  const second = createOnce()
  const stranger = createOnce()

  return {
    mode: 'normal' as JwksMode,
    async signing(): Promise<TokenKeys> {
      return { own: await (this.mode === 'rotate' ? second() : first()), stranger }
    },
    /** The project's key with this id. */
    async find(kid: string | undefined): Promise<SigningKey | undefined> {
      const keys = await Promise.all([first(), second()])
      return keys.find((key) => key.kid === kid)
    },
    /** The keys that the JWKS endpoint lists. */
    async published(): Promise<JWK[]> {
      if (this.mode === 'empty') return []
      const keys = this.mode === 'rotate' ? [await first(), await second()] : [await first()]
      return keys.map(toStytchJwk)
    },
  }
}

/** An RSA key takes a moment to generate, so each is generated when it is first used. */
function createOnce(): () => Promise<SigningKey> {
  let key: Promise<SigningKey> | undefined
  return () => {
    key ??= createSigningKey(newId('jwk'))
    return key
  }
}

function toStytchJwk(key: SigningKey): JWK {
  const { kty = '', n = '', e = '', ...jwk } = toJwk(key, 'publicKey')
  return { ...jwk, kty, n, e, key_ops: ['verify'], x5c: [], x5tS256: '' }
}
