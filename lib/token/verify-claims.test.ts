import { beforeAll, describe, expect, it } from 'vitest'
import {
  createTestIssuers,
  legacyClaims,
  nowSeconds,
  sign,
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
  ])('%s', async (_, claims, code) => {
    expect(await codeWith(claims)).toBe(code)
  })

  it("for another project's audience", async () => {
    const claims = { ...stytchClaims(), aud: ['project-test-2'] }
    const token = await sign(claims, issuers.stytchKeys, { kid: stytchKid })
    expect(await issuers.codeOf(token)).toBe('audience_mismatch')
  })
})

describe('verifyToken refuses a token by its times:', () => {
  it.each<[string, object, string]>([
    ['it expires now', { exp: nowSeconds }, 'token_expired'],
    ['it expired a second ago', { exp: nowSeconds - 1 }, 'token_expired'],
    ['it is not valid yet', { nbf: nowSeconds + 60 }, 'token_not_yet_valid'],
    ['it was issued in the future', { iat: nowSeconds + 60 }, 'token_not_yet_valid'],
    ['it has no expiry', { exp: undefined }, 'claim_invalid'],
    ['it has no time of issue', { iat: undefined }, 'claim_invalid'],
  ])('%s', async (_, claims, code) => {
    expect(await codeWith(claims)).toBe(code)
  })
})

describe('verifyToken, by the type of a token,', () => {
  const codeOfType = async (typ: unknown): Promise<string> =>
    issuers.codeOf(await sign(legacyClaims(), issuers.legacyKeys, { typ }))

  it.each(['JWT', 'at+jwt'])('accepts %j', async (typ) => {
    expect(await codeOfType(typ)).toBe('ok legacy auth0|ada')
  })

  it.each(['logout+jwt', undefined])('refuses %j', async (typ) => {
    expect(await codeOfType(typ)).toBe('type_not_allowed')
  })

  it('refuses an access token type from an issuer of session tokens', async () => {
    const header = { kid: stytchKid, typ: 'at+jwt' }
    const token = await sign(stytchClaims(), issuers.stytchKeys, header)
    expect(await issuers.codeOf(token)).toBe('type_not_allowed')
  })
})
