import { generateSessionCookie } from '@auth0/nextjs-auth0/testing'
import { createLocalJWKSet } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { appEnvironment } from '../../../sandbox/settings.ts'
import { readCredentials } from '../../token/credentials'
import { createRegistry, type Registry } from '../../token/registry'
import {
  createTestIssuers,
  legacyClaims,
  newRsaKey,
  now,
  nowSeconds,
  sign,
  type TestIssuers,
} from '../../token/testing'
import { legacyConfig } from '../config'
import { readLegacySession } from './session'

let issuers: TestIssuers
beforeAll(async () => {
  Object.assign(process.env, appEnvironment)
  issuers = await createTestIssuers()
})

const subject = 'auth0|ada'

type Sealed = { accessToken: string; createdAt?: unknown; sub?: string }

/** Reads a session cookie as the SDK seals it. */
async function readCookie(
  { accessToken, createdAt = nowSeconds - 60, sub = subject }: Sealed,
  registry: Registry = issuers.registry,
) {
  const cookie = await generateSessionCookie(
    {
      user: { sub, email: 'ada@example.com', email_verified: true, name: 'Ada' },
      tokenSet: { accessToken, expiresAt: nowSeconds + 60 },
      internal: { sid: 'sid-1', createdAt: createdAt as number },
    },
    { secret: appEnvironment.AUTH0_SECRET as string },
  )
  const credentials = readCredentials(new Headers({ cookie: `__session=${cookie}` }))
  return readLegacySession(credentials, registry, now)
}

const readBearer = (token: string, registry: Registry) =>
  readLegacySession(
    readCredentials(new Headers({ authorization: `Bearer ${token}` })),
    registry,
    now,
  )

const goodToken = () => sign(legacyClaims(), issuers.legacyKeys)

describe('readLegacySession, for a sealed session,', () => {
  it('accepts it until three days after the sign-in', async () => {
    const accessToken = await goodToken()
    expect(await readCookie({ accessToken })).toMatchObject({
      state: 'valid',
      session: { subject, tokenState: 'live', profile: { email: 'ada@example.com' } },
    })
    const createdAt = nowSeconds - legacyConfig().sessionSeconds
    expect(await readCookie({ accessToken, createdAt })).toEqual({
      state: 'none',
      refusal: 'session_ended',
    })
  })

  it.each([1e13, 1e20, -1e20, 253_402_300_799, '1780315200', Number.MAX_VALUE])(
    'refuses the sign-in time %j, because the session would never end',
    async (createdAt) => {
      expect(await readCookie({ accessToken: await goodToken(), createdAt })).toEqual({
        state: 'none',
        refusal: 'claim_invalid',
      })
    },
  )

  it.each(['auth0|ada\0', 'auth0|\ud800'])(
    'refuses the subject %j, which the database cannot store',
    async (sub) => {
      // The token cannot be verified here, so the subject comes only from the seal.
      expect(await readCookie({ accessToken: 'opaque', sub })).toEqual({
        state: 'none',
        refusal: 'claim_invalid',
      })
    },
  )

  it('refuses a token with an expiry that no date can hold', async () => {
    const accessToken = await sign({ ...legacyClaims(), exp: 1e20 }, issuers.legacyKeys)
    expect(await readCookie({ accessToken })).toEqual({ state: 'none', refusal: 'claim_invalid' })
  })

  it.each([
    ['a random text', 'kFvXhWj3Q0mZb2yR9c1tA7nKfVx0123'],
    // Its header is {"alg":"dir","enc":"A256GCM","iss":"https://tenant.example/"}.
    [
      'encrypted for Auth0',
      'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwiaXNzIjoiaHR0cHM6Ly90ZW5hbnQuZXhhbXBsZS8ifQ..aXYtaXYtaXY.Y2lwaGVydGV4dA.dGFnLXRhZy10YWc',
    ],
  ])(
    'accepts an opaque token that is %s, as Auth0 issues it without an audience',
    async (_, accessToken) => {
      expect(await readCookie({ accessToken })).toMatchObject({
        state: 'valid',
        session: { subject, tokenState: 'opaque' },
      })
      expect(await readBearer(accessToken, issuers.registry)).toMatchObject({ state: 'none' })
    },
  )

  it('does not take a signed JWT for opaque, however wrong it is', async () => {
    const otherAudience = await sign(
      { ...legacyClaims(), aud: 'https://x.example' },
      issuers.legacyKeys,
    )
    const otherIssuer = await sign(
      { ...legacyClaims(), iss: 'https://x.example/' },
      issuers.legacyKeys,
    )
    const fiveParts = `${otherAudience}.a.b`
    for (const accessToken of [
      otherAudience,
      otherIssuer,
      fiveParts,
      'a.b',
      'short',
      'x'.repeat(9_000),
    ]) {
      expect(await readCookie({ accessToken })).toMatchObject({
        session: { tokenState: 'unusable' },
      })
    }
  })

  it("refuses a token of another user than the session's", async () => {
    const accessToken = await sign({ ...legacyClaims(), sub: 'auth0|eve' }, issuers.legacyKeys)
    expect(await readCookie({ accessToken })).toEqual({
      state: 'none',
      refusal: 'subject_mismatch',
    })
  })

  it('refuses a token that an attacker signed', async () => {
    const accessToken = await sign(legacyClaims(), issuers.unpublishedKeys)
    expect(await readCookie({ accessToken })).toEqual({
      state: 'none',
      refusal: 'signature_invalid',
    })
  })
})

describe('the time of the sign-in', () => {
  const signedInAt = async (claims: object) => {
    const token = await sign({ ...legacyClaims(), ...claims }, issuers.legacyKeys)
    const reading = await readBearer(token, issuers.registry)
    return reading.state === 'valid' ? reading.session.signedInAt : reading
  }

  it('is unknown for an access token, which may come from a refresh token', async () => {
    expect(await signedInAt({})).toBeNull()
    expect(await signedInAt({ 'https://app.example/auth_time': '1780315200' })).toBeNull()
    expect(await signedInAt({ 'not-auth_time': nowSeconds - 900 })).toBeNull()
  })

  it('is the time in auth_time, and not when the token was issued', async () => {
    const time = nowSeconds - 900
    for (const name of ['auth_time', 'https://app.example/auth_time']) {
      expect(await signedInAt({ [name]: time })).toEqual(new Date(time * 1_000))
    }
  })

  it('is that of the cookie for a sealed session', async () => {
    const reading = await readCookie({ accessToken: await goodToken() })
    expect(reading).toMatchObject({
      session: { signedInAt: new Date((nowSeconds - 60) * 1_000) },
    })
  })
})

describe('readLegacySession, for a tenant without an audience,', () => {
  it('refuses every JWT as a Bearer token, and keeps the sealed session', async () => {
    const none = createRegistry([{ ...issuers.legacy, audience: [] }, issuers.stytch])
    const token = await goodToken()
    expect(await readBearer(token, none)).toEqual({ state: 'none', refusal: 'audience_mismatch' })
    expect(await readCookie({ accessToken: token }, none)).toMatchObject({
      session: { tokenState: 'unusable' },
    })
  })
})

describe('readLegacySession, while the issuer publishes a weak key,', () => {
  let weak: Registry
  let token: string
  beforeAll(async () => {
    const { jwk, sign: signWeakly } = newRsaKey(1_024)
    const keys = createLocalJWKSet({ keys: [jwk] })
    weak = createRegistry([{ ...issuers.legacy, keys }, issuers.stytch])
    token = signWeakly(legacyClaims())
  })

  it('refuses an access token', async () => {
    expect(await readBearer(token, weak)).toEqual({ state: 'none', refusal: 'key_too_weak' })
  })

  it('keeps a sealed session, and does not hand its token to Stytch', async () => {
    expect(await readCookie({ accessToken: token }, weak)).toMatchObject({
      state: 'valid',
      session: { subject, tokenState: 'unusable' },
    })
  })
})
