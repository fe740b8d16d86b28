import { createHmac } from 'node:crypto'
import { createLocalJWKSet, exportJWK, exportSPKI } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { createRegistry } from './registry'
import {
  createTestIssuers,
  legacyClaims,
  newRsaKey,
  now,
  segment,
  sign,
  stytchClaims,
  stytchKid,
  type TestIssuers,
} from './testing'
import { verifyToken } from './verify'

let issuers: TestIssuers
beforeAll(async () => {
  issuers = await createTestIssuers()
})

const header = (over: object = {}) =>
  segment({ alg: 'RS256', typ: 'JWT', kid: 'legacy-1', ...over })

describe('verifyToken refuses a token', () => {
  it.each<[string, () => Promise<string>, string]>([
    [
      'of the legacy provider that Stytch signed',
      () => sign(legacyClaims(), issuers.stytchKeys, { kid: stytchKid }),
      'key_unknown',
    ],
    [
      "of the legacy provider that Stytch signed under the legacy provider's key id",
      () => sign(legacyClaims(), issuers.stytchKeys),
      'signature_invalid',
    ],
    [
      'of Stytch that the legacy provider signed',
      () => sign(stytchClaims(), issuers.legacyKeys),
      'key_unknown',
    ],
    [
      "of Stytch that the legacy provider signed under Stytch's key id",
      () => sign(stytchClaims(), issuers.legacyKeys, { kid: stytchKid }),
      'signature_invalid',
    ],
    [
      'that an attacker signed under a published key id',
      () => sign(legacyClaims(), issuers.unpublishedKeys),
      'signature_invalid',
    ],
    [
      'with an unpublished key id',
      () => sign(legacyClaims(), issuers.legacyKeys, { kid: 'other' }),
      'key_unknown',
    ],
    [
      'without a key id',
      () => sign(legacyClaims(), issuers.legacyKeys, { kid: undefined }),
      'key_missing',
    ],
    [
      'with an empty key id',
      () => sign(legacyClaims(), issuers.legacyKeys, { kid: '' }),
      'key_missing',
    ],
    [
      'with its own key in the header (jwk)',
      async () =>
        sign(legacyClaims(), issuers.unpublishedKeys, {
          jwk: await exportJWK(issuers.unpublishedKeys.publicKey),
        }),
      'signature_invalid',
    ],
    [
      'with the address of its own keys in the header (jku)',
      () => sign(legacyClaims(), issuers.unpublishedKeys, { jku: 'https://evil.example/jwks' }),
      'signature_invalid',
    ],
  ])('%s', async (_, token, code) => {
    expect(await issuers.codeOf(await token())).toBe(code)
  })

  it.each(['none', 'nOnE', 'RS512'])('with the algorithm %s', async (alg) => {
    const token = `${header({ alg })}.${segment(legacyClaims())}.`
    expect(await issuers.codeOf(token)).toBe('algorithm_not_allowed')
  })

  it('with HS256, where the public key is the secret', async () => {
    const input = `${header({ alg: 'HS256' })}.${segment(legacyClaims())}`
    const secret = await exportSPKI(issuers.legacyKeys.publicKey)
    const signature = createHmac('sha256', secret).update(input).digest('base64url')
    expect(await issuers.codeOf(`${input}.${signature}`)).toBe('algorithm_not_allowed')
  })

  it('with a critical header that we do not understand (crit)', async () => {
    const [, ...rest] = (await sign(legacyClaims(), issuers.legacyKeys)).split('.')
    const token = [header({ crit: ['x'], x: 1 }), ...rest].join('.')
    expect(await issuers.codeOf(token)).toBe('token_malformed')
  })
})

describe('verifyToken, with a published RSA key,', () => {
  /** The code for a token of an issuer that publishes a key of so many bits. */
  async function codeWithKeyOf(bits: number): Promise<string> {
    const { jwk, sign } = newRsaKey(bits)
    const registry = createRegistry([
      { ...issuers.legacy, keys: createLocalJWKSet({ keys: [jwk] }) },
    ])
    const result = await verifyToken(sign(legacyClaims()), registry, now)
    return result.ok ? 'ok' : result.code
  }

  // RFC 7518 section 3.3. A retry does not help, so the refusal must not look like an outage.
  it.each([512, 1_024, 2_040])('refuses one of %i bits as too weak', async (bits) => {
    expect(await codeWithKeyOf(bits)).toBe('key_too_weak')
  })

  it.each([2_048, 3_072])('accepts one of %i bits', async (bits) => {
    expect(await codeWithKeyOf(bits)).toBe('ok')
  })
})
