import { generateSessionCookie } from '@auth0/nextjs-auth0/testing'
import { createLocalJWKSet } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { appEnvironment } from '../../sandbox/settings.ts'
import { readCredentials } from '../token/credentials'
import { createRegistry, type Registry } from '../token/registry'
import {
  createTestIssuers,
  legacyClaims,
  newRsaKey,
  now,
  nowSeconds,
  sign,
  type TestIssuers,
} from '../token/testing'
import { legacyConfig } from './config'
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
