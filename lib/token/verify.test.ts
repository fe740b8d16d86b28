import { createHmac } from 'node:crypto'
import {
  createLocalJWKSet,
  decodeJwt,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWK,
  SignJWT,
} from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { createRegistry, type Issuer, type Registry } from './registry'
import { verifyToken } from './verify'

const now = new Date('2026-06-01T12:00:00Z')
const at = now.getTime() / 1000
const legacyName = 'https://tenant.example/'
const stytchName = 'stytch.com/project-test-1'

type Keys = Awaited<ReturnType<typeof generateKeyPair>>
let legacyKeys: Keys
let stytchKeys: Keys
let stranger: Keys
let registry: Registry

const jwk = async (keys: Keys, kid: string): Promise<JWK> => ({
  ...(await exportJWK(keys.publicKey)),
  kid,
  alg: 'RS256',
  use: 'sig',
})

beforeAll(async () => {
  ;[legacyKeys, stytchKeys, stranger] = (await Promise.all(
    [1, 2, 3].map(() => generateKeyPair('RS256', { extractable: true })),
  )) as [Keys, Keys, Keys]
  const legacy: Issuer = {
    lane: 'legacy',
    names: [legacyName, 'https://login.example/'],
    canonicalName: legacyName,
    audience: 'https://api.example/',
    algorithms: ['RS256'],
    types: ['jwt', 'at+jwt'],
    keys: createLocalJWKSet({ keys: [await jwk(legacyKeys, 'legacy-1')] }),
    isMachine: ({ gty }) => gty === 'client-credentials',
  }
  const stytch: Issuer = {
    lane: 'stytch',
    names: [stytchName, 'https://test.stytch.com'],
    canonicalName: stytchName,
    audience: 'project-test-1',
    algorithms: ['RS256'],
    types: ['jwt'],
    keys: createLocalJWKSet({ keys: [await jwk(stytchKeys, 'stytch-1')] }),
  }
  registry = createRegistry([legacy, stytch])
})

const legacyClaims = (): Record<string, unknown> => ({
  iss: legacyName,
  sub: 'auth0|ada',
  aud: ['https://api.example/', 'https://tenant.example/userinfo'],
  iat: at - 60,
  exp: at + 60,
})
const stytchClaims = (): Record<string, unknown> => ({
  iss: stytchName,
  sub: 'user-test-1',
  aud: ['project-test-1'],
  iat: at - 60,
  nbf: at - 60,
  exp: at + 240,
})

async function sign(claims: object, key: Keys, header: object = {}): Promise<string> {
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: 'legacy-1', ...header })
    .sign(key.privateKey)
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const codeOf = async (token: string): Promise<string> => {
  const result = await verifyToken(token, registry, now)
  return result.ok ? `ok ${result.issuer.lane} ${result.subject}` : result.code
}

describe('verifyToken accepts', () => {
  it('an access token of the legacy provider', async () => {
    expect(await codeOf(await sign(legacyClaims(), legacyKeys))).toBe('ok legacy auth0|ada')
  })
  it('one of its custom domain, under the canonical name', async () => {
    const token = await sign({ ...legacyClaims(), iss: 'https://login.example/' }, legacyKeys)
    const result = await verifyToken(token, registry, now)
    expect(result.ok && result.issuer.canonicalName).toBe(legacyName)
  })
  it('its RFC 9068 profile', async () => {
    expect(await codeOf(await sign(legacyClaims(), legacyKeys, { typ: 'at+jwt' }))).toBe(
      'ok legacy auth0|ada',
    )
  })
  it('a session JWT of Stytch, by either name of its issuer', async () => {
    for (const iss of [stytchName, 'https://test.stytch.com']) {
      const token = await sign({ ...stytchClaims(), iss }, stytchKeys, { kid: 'stytch-1' })
      expect(await codeOf(token)).toBe('ok stytch user-test-1')
    }
  })
  it('a token from a clock that runs ahead by a few seconds', async () => {
    const token = await sign({ ...stytchClaims(), iat: at + 3, nbf: at + 3 }, stytchKeys, {
      kid: 'stytch-1',
    })
    expect(await codeOf(token)).toBe('ok stytch user-test-1')
  })
})

describe('verifyToken refuses', () => {
  const issuers: [string, unknown, string][] = [
    ['no issuer', undefined, 'issuer_missing'],
    ['an array', [legacyName], 'issuer_missing'],
    ['a number', 1, 'issuer_missing'],
    ['null', null, 'issuer_missing'],
    ['an object', { toString: legacyName }, 'issuer_missing'],
    ['the name without its slash', 'https://tenant.example', 'issuer_unknown'],
    ['the name with a slash too many', 'https://tenant.example//', 'issuer_unknown'],
    ["Stytch's name with a scheme", `https://${stytchName}`, 'issuer_unknown'],
    ["Stytch's name with a slash", `${stytchName}/`, 'issuer_unknown'],
    ['another case', 'https://Tenant.example/', 'issuer_unknown'],
    ['look-alike letters', 'https://ten\u0430nt.example/', 'issuer_unknown'],
    ['a user-info part', 'https://tenant.example@evil.example/', 'issuer_unknown'],
    ['a longer host', 'https://tenant.example.evil.example/', 'issuer_unknown'],
    ['white space around', ` ${legacyName}`, 'issuer_unknown'],
    ['__proto__', '__proto__', 'issuer_unknown'],
    ['constructor', 'constructor', 'issuer_unknown'],
    ['an empty name', '', 'issuer_unknown'],
    ['a stranger', 'https://evil.example/', 'issuer_unknown'],
  ]
  it.each(issuers)('an issuer that is %s', async (_, iss, code) => {
    expect(await codeOf(await sign({ ...legacyClaims(), iss }, legacyKeys))).toBe(code)
  })

  const cases: [string, () => Promise<string> | string, string][] = [
    [
      'a legacy token signed by Stytch',
      () => sign(legacyClaims(), stytchKeys, { kid: 'stytch-1' }),
      'key_unknown',
    ],
    [
      "a legacy token signed by Stytch under the legacy key's id",
      () => sign(legacyClaims(), stytchKeys),
      'signature_invalid',
    ],
    [
      'a Stytch token signed by the legacy provider',
      () => sign(stytchClaims(), legacyKeys),
      'key_unknown',
    ],
    [
      "a Stytch token signed by the legacy provider under Stytch's key id",
      () => sign(stytchClaims(), legacyKeys, { kid: 'stytch-1' }),
      'signature_invalid',
    ],
    [
      'a stranger’s signature under a known key id',
      () => sign(legacyClaims(), stranger),
      'signature_invalid',
    ],
    ['an unknown key id', () => sign(legacyClaims(), legacyKeys, { kid: 'other' }), 'key_unknown'],
    ['no key id', () => sign(legacyClaims(), legacyKeys, { kid: undefined }), 'key_missing'],
    [
      'a key id that is no string',
      () => sign(legacyClaims(), legacyKeys, { kid: '' }),
      'key_missing',
    ],
    [
      'alg none',
      () => `${encode({ alg: 'none', typ: 'JWT', kid: 'legacy-1' })}.${encode(legacyClaims())}.`,
      'algorithm_not_allowed',
    ],
    [
      'alg None in another case',
      () => `${encode({ alg: 'nOnE', typ: 'JWT', kid: 'legacy-1' })}.${encode(legacyClaims())}.`,
      'algorithm_not_allowed',
    ],
    [
      'HS256 with the public key as the secret',
      async () => {
        const input = `${encode({ alg: 'HS256', typ: 'JWT', kid: 'legacy-1' })}.${encode(legacyClaims())}`
        return `${input}.${createHmac('sha256', await exportSPKI(legacyKeys.publicKey))
          .update(input)
          .digest('base64url')}`
      },
      'algorithm_not_allowed',
    ],
    [
      'another RSA algorithm',
      () =>
        `${encode({ alg: 'RS512', typ: 'JWT', kid: 'legacy-1' })}.${encode(legacyClaims())}.AAAA`,
      'algorithm_not_allowed',
    ],
    [
      'a key that the token brings along (jwk)',
      async () => sign(legacyClaims(), stranger, { jwk: await exportJWK(stranger.publicKey) }),
      'signature_invalid',
    ],
    [
      'a key address that the token names (jku)',
      () => sign(legacyClaims(), stranger, { jku: 'https://evil.example/jwks' }),
      'signature_invalid',
    ],
    [
      'a header that must be understood (crit)',
      () =>
        sign(legacyClaims(), legacyKeys).then((token) =>
          token.replace(
            /^[^.]+/,
            encode({ alg: 'RS256', typ: 'JWT', kid: 'legacy-1', crit: ['x'], x: 1 }),
          ),
        ),
      'token_malformed',
    ],
    [
      'another audience',
      () => sign({ ...legacyClaims(), aud: 'https://other.example/' }, legacyKeys),
      'audience_mismatch',
    ],
    [
      "another project's audience",
      () => sign({ ...stytchClaims(), aud: ['project-test-2'] }, stytchKeys, { kid: 'stytch-1' }),
      'audience_mismatch',
    ],
    [
      'no audience',
      () => sign({ ...legacyClaims(), aud: undefined }, legacyKeys),
      'audience_mismatch',
    ],
    [
      'an ID token',
      () =>
        sign(
          { ...legacyClaims(), aud: 'client-id', nonce: 'n', email: 'ada@example.com' },
          legacyKeys,
        ),
      'audience_mismatch',
    ],
    [
      'a logout token',
      () => sign(legacyClaims(), legacyKeys, { typ: 'logout+jwt' }),
      'type_not_allowed',
    ],
    ['no type', () => sign(legacyClaims(), legacyKeys, { typ: undefined }), 'type_not_allowed'],
    [
      'an RFC 9068 type from Stytch',
      () => sign(stytchClaims(), stytchKeys, { kid: 'stytch-1', typ: 'at+jwt' }),
      'type_not_allowed',
    ],
    [
      'a token of a machine',
      () => sign({ ...legacyClaims(), gty: 'client-credentials' }, legacyKeys),
      'machine_token',
    ],
    [
      'a token that expires now',
      () => sign({ ...legacyClaims(), exp: at }, legacyKeys),
      'token_expired',
    ],
    [
      'a token that expired a second ago',
      () => sign({ ...legacyClaims(), exp: at - 1 }, legacyKeys),
      'token_expired',
    ],
    [
      'a token that is not valid yet',
      () => sign({ ...legacyClaims(), nbf: at + 60 }, legacyKeys),
      'token_not_yet_valid',
    ],
    [
      'a token from the future',
      () => sign({ ...legacyClaims(), iat: at + 60 }, legacyKeys),
      'token_not_yet_valid',
    ],
    ['no expiry', () => sign({ ...legacyClaims(), exp: undefined }, legacyKeys), 'claim_invalid'],
    [
      'no time of issue',
      () => sign({ ...legacyClaims(), iat: undefined }, legacyKeys),
      'claim_invalid',
    ],
    ['no subject', () => sign({ ...legacyClaims(), sub: undefined }, legacyKeys), 'claim_invalid'],
    ['an empty subject', () => sign({ ...legacyClaims(), sub: '' }, legacyKeys), 'claim_invalid'],
    [
      'a subject that is no string',
      () => sign({ ...legacyClaims(), sub: 7 }, legacyKeys),
      'claim_invalid',
    ],
    ['an opaque token', () => 'wJalrXUtnFEMI', 'token_opaque'],
    ['nothing', () => '', 'token_opaque'],
    ['an encrypted token of five parts', () => 'a.b.c.d.e', 'token_malformed'],
    ['two parts', () => 'a.b', 'token_malformed'],
    [
      'a payload that is no object',
      () => `${encode({ alg: 'RS256' })}.${encode(['x'])}.AAAA`,
      'token_malformed',
    ],
    ['a header that is no JSON', () => `AAAA.${encode(legacyClaims())}.AAAA`, 'token_malformed'],
    ['padding', async () => `${await sign(legacyClaims(), legacyKeys)}==`, 'token_malformed'],
    ['white space', async () => ` ${await sign(legacyClaims(), legacyKeys)}`, 'token_malformed'],
    [
      'a line break inside',
      async () => (await sign(legacyClaims(), legacyKeys)).replace('.', '.\n'),
      'token_malformed',
    ],
    [
      'the other alphabet of base64',
      async () =>
        `${encode({ alg: 'RS256', typ: 'JWT', kid: 'legacy-1' })}.${encode(legacyClaims())}.+/+/`,
      'token_malformed',
    ],
    [
      'letters that only look like base64url',
      async () => (await sign(legacyClaims(), legacyKeys)).replace(/^e/, '\u0435'),
      'token_malformed',
    ],
    [
      'over 8 KB',
      () => sign({ ...legacyClaims(), filler: 'x'.repeat(8_192) }, legacyKeys),
      'token_too_large',
    ],
  ]
  it.each(cases)('%s', async (_, token, code) => {
    expect(await codeOf(await token())).toBe(code)
  })

  it('another spelling of a good signature: stray bits in the last character', async () => {
    // 256 bytes are 342 characters, of which the last carries two bits and four that must be zero.
    const token = await sign(legacyClaims(), legacyKeys)
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const respelled = token.slice(0, -1) + alphabet[alphabet.indexOf(token.at(-1) as string) + 1]
    expect(Buffer.from(respelled.split('.')[2] as string, 'base64url')).toEqual(
      Buffer.from(token.split('.')[2] as string, 'base64url'),
    )
    expect(await codeOf(respelled)).toBe('token_malformed')
  })

  it('a token that it accepted a moment ago, at a time for which it is not good', async () => {
    const token = await sign(legacyClaims(), legacyKeys)
    const { iat, exp } = decodeJwt(token) as { iat: number; exp: number }
    const verifiedAt = (seconds: number) => verifyToken(token, registry, new Date(seconds * 1_000))
    expect(await verifiedAt(at)).toMatchObject({ ok: true })
    expect(await verifiedAt(exp)).toMatchObject({
      ok: false,
      code: 'token_expired',
      expired: { subject: 'auth0|ada' },
    })
    expect(await verifiedAt(iat - 60)).toMatchObject({ ok: false, code: 'token_not_yet_valid' })
    expect(await verifiedAt(at)).toMatchObject({ ok: true })
  })

  it('and says that keys were unavailable when they could not be fetched, not that the token is bad', async () => {
    const [legacy] = registry.values()
    const broken = {
      ...(legacy as Issuer),
      keys: () => Promise.reject(new TypeError('fetch failed')),
    }
    const result = await verifyToken(
      await sign(legacyClaims(), legacyKeys),
      createRegistry([broken]),
      now,
    )
    expect(result).toMatchObject({ ok: false, code: 'keys_unavailable' })
  })

  it('and proves an expired token’s subject, but nothing of a forged one', async () => {
    const expired = await verifyToken(
      await sign({ ...legacyClaims(), exp: at - 1 }, legacyKeys),
      registry,
      now,
    )
    expect(expired).toMatchObject({ ok: false, expired: { subject: 'auth0|ada' } })
    const forged = await verifyToken(
      await sign({ ...legacyClaims(), exp: at - 1 }, stranger),
      registry,
      now,
    )
    expect(forged).toMatchObject({ ok: false, code: 'signature_invalid' })
    expect(forged).not.toHaveProperty('expired')
  })
})

describe('createRegistry', () => {
  it('refuses two issuers under one name', () => {
    const [issuer] = registry.values()
    expect(() => createRegistry([issuer as Issuer, issuer as Issuer])).toThrow('Two issuers')
  })
})
