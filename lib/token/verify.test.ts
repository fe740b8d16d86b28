import { decodeJwt } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { createRegistry } from './registry'
import {
  createTestIssuers,
  legacyClaims,
  legacyName,
  now,
  nowSeconds,
  sign,
  stytchClaims,
  stytchKid,
  stytchName,
  type TestIssuers,
} from './testing'
import { verifyToken } from './verify'

let issuers: TestIssuers
beforeAll(async () => {
  issuers = await createTestIssuers()
})

describe('verifyToken accepts', () => {
  it('an access token of the legacy provider', async () => {
    const token = await sign(legacyClaims(), issuers.legacyKeys)
    expect(await issuers.codeOf(token)).toBe('ok legacy auth0|ada')
  })

  it('an access token of its custom domain, under the canonical name', async () => {
    const claims = { ...legacyClaims(), iss: 'https://login.example/' }
    const token = await sign(claims, issuers.legacyKeys)
    const result = await verifyToken(token, issuers.registry, now)
    expect(result.ok && result.issuer.canonicalName).toBe(legacyName)
  })

  it.each([stytchName, 'https://test.stytch.com'])(
    'a session JWT of Stytch from the issuer %s',
    async (iss) => {
      const token = await sign({ ...stytchClaims(), iss }, issuers.stytchKeys, { kid: stytchKid })
      expect(await issuers.codeOf(token)).toBe('ok stytch user-test-1')
    },
  )

  it('a token from a clock that is a few seconds ahead', async () => {
    const claims = { ...stytchClaims(), iat: nowSeconds + 3, nbf: nowSeconds + 3 }
    const token = await sign(claims, issuers.stytchKeys, { kid: stytchKid })
    expect(await issuers.codeOf(token)).toBe('ok stytch user-test-1')
  })
})

describe('verifyToken', () => {
  it('checks the times of a cached token again', async () => {
    const token = await sign(legacyClaims(), issuers.legacyKeys)
    const { iat, exp } = decodeJwt(token) as { iat: number; exp: number }
    const verifiedAt = (seconds: number) =>
      verifyToken(token, issuers.registry, new Date(seconds * 1_000))
    expect(await verifiedAt(nowSeconds)).toMatchObject({ ok: true })
    expect(await verifiedAt(exp)).toMatchObject({
      ok: false,
      code: 'token_expired',
      expired: { subject: 'auth0|ada' },
    })
    expect(await verifiedAt(iat - 60)).toMatchObject({ ok: false, code: 'token_not_yet_valid' })
    expect(await verifiedAt(nowSeconds)).toMatchObject({ ok: true })
  })

  it('reports that the keys are unavailable, and not that the token is invalid', async () => {
    const broken = {
      ...issuers.legacy,
      keys: () => Promise.reject(new TypeError('fetch failed')),
    }
    const token = await sign(legacyClaims(), issuers.legacyKeys)
    const result = await verifyToken(token, createRegistry([broken]), now)
    expect(result).toMatchObject({ ok: false, code: 'keys_unavailable' })
  })

  it('returns the subject of an expired token, and nothing of a forged one', async () => {
    const claims = { ...legacyClaims(), exp: nowSeconds - 1 }
    const expired = await verifyToken(await sign(claims, issuers.legacyKeys), issuers.registry, now)
    expect(expired).toMatchObject({ ok: false, expired: { subject: 'auth0|ada' } })
    const forged = await verifyToken(
      await sign(claims, issuers.unpublishedKeys),
      issuers.registry,
      now,
    )
    expect(forged).toMatchObject({ ok: false, code: 'signature_invalid' })
    expect(forged).not.toHaveProperty('expired')
  })
})
