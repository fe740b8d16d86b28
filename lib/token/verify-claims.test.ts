import { beforeAll, describe, expect, it } from 'vitest'
import {
  createTestIssuers,
  legacyClaims,
  nowSeconds,
  sign,
  signText,
  stytchClaims,
  stytchKid,
  type TestIssuers,
} from './testing'

let issuers: TestIssuers
beforeAll(async () => {
  issuers = await createTestIssuers()
})

const codeWith = async (claims: object): Promise<string> =>
  issuers.codeOf(await sign({ ...legacyClaims(), ...claims }, issuers.legacyKeys))

describe('verifyToken refuses a token', () => {
  it.each<[string, object, string]>([
    ['for another audience', { aud: 'https://other.example/' }, 'audience_mismatch'],
    ['without an audience', { aud: undefined }, 'audience_mismatch'],
    [
      'that is an ID token',
      { aud: 'client-id', nonce: 'n', email: 'ada@example.com' },
      'audience_mismatch',
    ],
    ['of a machine', { gty: 'client-credentials' }, 'machine_token'],
    ['without a subject', { sub: undefined }, 'claim_invalid'],
    ['with an empty subject', { sub: '' }, 'claim_invalid'],
    ['whose subject is a number', { sub: 7 }, 'claim_invalid'],
    // Postgres stores no NUL. It stores every lone surrogate as U+FFFD, so two users would share one account.
    ['whose subject has a NUL', { sub: 'auth0|ada\0' }, 'claim_invalid'],
    ['whose subject has a lone surrogate', { sub: 'auth0|\ud800' }, 'claim_invalid'],
  ])('%s', async (_, claims, code) => {
    expect(await codeWith(claims)).toBe(code)
  })

  it("for another project's audience", async () => {
    const claims = { ...stytchClaims(), aud: ['project-test-2'] }
    const token = await sign(claims, issuers.stytchKeys, { kid: stytchKid })
    expect(await issuers.codeOf(token)).toBe('audience_mismatch')
  })
})

describe('verifyToken refuses a token because of its times:', () => {
  it.each<[string, object, string]>([
    ['it expires now', { exp: nowSeconds }, 'token_expired'],
    ['it expired a second ago', { exp: nowSeconds - 1 }, 'token_expired'],
    ['it is not valid yet', { nbf: nowSeconds + 60 }, 'token_not_yet_valid'],
    ['it was issued in the future', { iat: nowSeconds + 60 }, 'token_not_yet_valid'],
    ['it has no expiry', { exp: undefined }, 'claim_invalid'],
    ['it has no time of issue', { iat: undefined }, 'claim_invalid'],
    ['it expired before 1970', { exp: -1 }, 'claim_invalid'],
    ['it was issued before 1970', { iat: -1 }, 'claim_invalid'],
    ['its expiry is text', { exp: String(nowSeconds + 60) }, 'claim_invalid'],
    ['its time of issue is text', { iat: String(nowSeconds) }, 'claim_invalid'],
    ['its start is text', { nbf: String(nowSeconds) }, 'claim_invalid'],
    ['its start is null', { nbf: null }, 'claim_invalid'],
  ])('%s', async (_, claims, code) => {
    expect(await codeWith(claims)).toBe(code)
  })

  const outOfRange = [
    '8640000000001',
    '8640000000000',
    '253402300800',
    '1e20',
    '1e400',
    '-8640000000001',
    '-1e400',
  ]
  it.each(['exp', 'iat', 'nbf'].flatMap((claim) => outOfRange.map((number) => [claim, number])))(
    'its claim %s is %s, outside the years 1970 to 9999',
    async (claim, number) => {
      const claims = JSON.stringify({ ...legacyClaims(), [claim]: 0 })
      const text = claims.replace(`"${claim}":0`, `"${claim}":${number}`)
      expect(text).toContain(number)
      const token = await signText(text, issuers.legacyKeys)
      expect(await issuers.codeOf(token)).toBe('claim_invalid')
      expect(await issuers.codeOf(token)).toBe('claim_invalid')
    },
  )
})

describe('verifyToken accepts a token with these times:', () => {
  it.each<[string, object]>([
    ['fractions of seconds (RFC 7519 section 2)', { exp: nowSeconds + 0.5, iat: nowSeconds - 0.5 }],
    ['an expiry in the last second of the year 9999', { exp: 253_402_300_799 }],
    ['issued in 1970', { iat: 0, nbf: 0 }],
  ])('%s', async (_, claims) => {
    expect(await codeWith(claims)).toBe('ok legacy auth0|ada')
  })
})

describe('verifyToken, by the type of a token,', () => {
  const codeOfType = async (typ: unknown): Promise<string> =>
    issuers.codeOf(await sign(legacyClaims(), issuers.legacyKeys, { typ }))

  it.each([
    'JWT',
    'jwt',
    'at+jwt',
    'AT+JWT',
    // RFC 7515 section 4.1.9: a type without a slash is short for one with this prefix.
    'application/at+jwt',
    'Application/At+Jwt',
    'application/jwt',
  ])('accepts %j', async (typ) => {
    expect(await codeOfType(typ)).toBe('ok legacy auth0|ada')
  })

  it.each([
    undefined,
    '',
    7,
    ['at+jwt'],
    'logout+jwt',
    'application/logout+jwt',
    'application/application/at+jwt',
    'application/',
    'application',
    '/at+jwt',
    'text/at+jwt',
    'application/at+jwt/',
    'application/at+jwt; charset=utf-8',
    ' at+jwt',
    'application/ at+jwt',
    'at+jwt\n',
  ])('refuses %j', async (typ) => {
    expect(await codeOfType(typ)).toBe('type_not_allowed')
  })

  it.each(['at+jwt', 'application/at+jwt'])(
    'refuses the access token type %j from an issuer of session tokens',
    async (typ) => {
      const token = await sign(stytchClaims(), issuers.stytchKeys, { kid: stytchKid, typ })
      expect(await issuers.codeOf(token)).toBe('type_not_allowed')
    },
  )
})
