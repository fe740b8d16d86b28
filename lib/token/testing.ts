import { generateKeyPairSync, sign as signBytes } from 'node:crypto'
import { CompactSign, createLocalJWKSet, exportJWK, generateKeyPair, type JWK } from 'jose'
import { createRegistry, type Issuer, type Registry } from './registry'
import { verifyToken } from './verify'

/** Only for tests: two issuers with keys of their own, and tokens that they signed. */

export type Keys = Awaited<ReturnType<typeof generateKeyPair>>

export const now = new Date('2026-06-01T12:00:00Z')
/** The same time, as a token writes it. */
export const nowSeconds = now.getTime() / 1_000
export const legacyName = 'https://tenant.example/'
export const stytchName = 'stytch.com/project-test-1'

export const legacyClaims = (): Record<string, unknown> => ({
  iss: legacyName,
  sub: 'auth0|ada',
  aud: ['https://api.example/', 'https://tenant.example/userinfo'],
  iat: nowSeconds - 60,
  exp: nowSeconds + 60,
})

export const stytchClaims = (): Record<string, unknown> => ({
  iss: stytchName,
  sub: 'user-test-1',
  aud: ['project-test-1'],
  iat: nowSeconds - 60,
  nbf: nowSeconds - 60,
  exp: nowSeconds + 240,
})

const legacyKid = 'legacy-1'
export const stytchKid = 'stytch-1'

const jwk = async ({ publicKey }: Keys, kid: string): Promise<JWK> => ({
  ...(await exportJWK(publicKey)),
  kid,
  alg: 'RS256',
  use: 'sig',
})

export const newKeys = (): Promise<Keys> => generateKeyPair('RS256', { extractable: true })

/** An RSA key that jose refuses to sign with. */
export function newRsaKey(bits: number): { jwk: JWK; sign(claims: object): string } {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: bits })
  return {
    jwk: { ...publicKey.export({ format: 'jwk' }), kid: legacyKid, alg: 'RS256' } as JWK,
    sign(claims) {
      const input = `${segment({ alg: 'RS256', typ: 'JWT', kid: legacyKid })}.${segment(claims)}`
      return `${input}.${signBytes('sha256', Buffer.from(input), privateKey).toString('base64url')}`
    },
  }
}

export type TestIssuers = {
  registry: Registry
  legacy: Issuer
  stytch: Issuer
  legacyKeys: Keys
  stytchKeys: Keys
  /** Keys that no issuer publishes. */
  unpublishedKeys: Keys
  /** The code of the refusal, or `ok` with the lane and the subject. */
  codeOf(token: string): Promise<string>
}

/** Both issuers, registered as the app registers them. */
export async function createTestIssuers(): Promise<TestIssuers> {
  const [legacyKeys, stytchKeys, unpublishedKeys] = await Promise.all([
    newKeys(),
    newKeys(),
    newKeys(),
  ])
  const legacy: Issuer = {
    lane: 'legacy',
    names: [legacyName, 'https://login.example/'],
    canonicalName: legacyName,
    audience: 'https://api.example/',
    algorithms: ['RS256'],
    types: ['jwt', 'at+jwt'],
    keys: createLocalJWKSet({ keys: [await jwk(legacyKeys, legacyKid)] }),
    isMachine: ({ gty }) => gty === 'client-credentials',
  }
  const stytch: Issuer = {
    lane: 'stytch',
    names: [stytchName, 'https://test.stytch.com'],
    canonicalName: stytchName,
    audience: 'project-test-1',
    algorithms: ['RS256'],
    types: ['jwt'],
    keys: createLocalJWKSet({ keys: [await jwk(stytchKeys, stytchKid)] }),
  }
  const registry = createRegistry([legacy, stytch])
  return {
    registry,
    legacy,
    stytch,
    legacyKeys,
    stytchKeys,
    unpublishedKeys,
    async codeOf(token) {
      const result = await verifyToken(token, registry, now)
      return result.ok ? `ok ${result.issuer.lane} ${result.subject}` : result.code
    },
  }
}

/** A token with these claims, and with the key id of the legacy issuer unless `header` names another. */
export const sign = (claims: object, key: Keys, header: object = {}): Promise<string> =>
  signText(JSON.stringify(claims), key, header)

/** Signs claims that are given as JSON text, since `JSON.stringify` cannot write 1e400. */
export function signText(claims: string, key: Keys, header: object = {}): Promise<string> {
  return new CompactSign(new TextEncoder().encode(claims))
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: legacyKid, ...header })
    .sign(key.privateKey)
}

/** One segment of a JWT. */
export const segment = (value: unknown): string =>
  Buffer.from(JSON.stringify(value)).toString('base64url')
