import { createLocalJWKSet } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { readCredentials } from '../token/credentials'
import { createRegistry, type Registry } from '../token/registry'
import {
  createTestIssuers,
  newRsaKey,
  now,
  nowSeconds,
  sign,
  stytchClaims,
  stytchKid,
  type TestIssuers,
} from '../token/testing'
import { openedSessionOf } from './opened-session'
import { readStytchSession } from './session'

let issuers: TestIssuers
beforeAll(async () => {
  issuers = await createTestIssuers()
})

const claimsWith = (session: object): object => ({
  ...stytchClaims(),
  'https://stytch.com/session': {
    id: 'session-test-1',
    expires_at: '2026-06-01T13:00:00Z',
    authentication_factors: [],
    ...session,
  },
})
const jwtWith = (session: object) =>
  sign(claimsWith(session), issuers.stytchKeys, { kid: stytchKid })

const read = (headers: Record<string, string>, registry: Registry = issuers.registry) =>
  readStytchSession(readCredentials(new Headers(headers)), registry, now)
const readBearer = (token: string, registry?: Registry) =>
  read({ authorization: `Bearer ${token}` }, registry)

/** Times that JavaScript's `Date` accepts, but that Stytch never writes. */
const badTimes = [
  8640000000001,
  1e20,
  1780315200,
  null,
  true,
  '',
  '1e20',
  '2026',
  'June 1, 2027',
  '2027-01-01',
  '2027-01-01T00:00:00',
  '2027-02-30T00:00:00Z',
  '+275760-09-13T00:00:00.001Z',
  '+010000-01-01T00:00:00Z',
  ['2027-01-01T00:00:00Z'],
]

describe('readStytchSession', () => {
  it.each(['2026-06-01T13:00:00Z', '2026-06-01T13:00:00.123456Z', '2026-06-01T15:00:00+02:00'])(
    'accepts a session that ends at %s',
    async (expires_at) => {
      const reading = await readBearer(await jwtWith({ expires_at }))
      expect(reading).toMatchObject({ state: 'valid', session: { subject: 'user-test-1' } })
      if (reading.state !== 'valid') return
      expect(Math.floor(reading.session.expiresAt.getTime() / 1_000)).toBe(nowSeconds + 3_600)
    },
  )

  it('refuses a session that has ended, though its JWT has not expired', async () => {
    const jwt = await jwtWith({ expires_at: '2026-06-01T12:00:00Z' })
    expect(await readBearer(jwt)).toEqual({ state: 'none', refusal: 'session_ended' })
  })

  it.each(badTimes.map((time) => [time]))(
    'refuses a session that ends at %j',
    async (expires_at) => {
      const jwt = await jwtWith({ expires_at })
      expect(await readBearer(jwt)).toEqual({ state: 'none', refusal: 'claim_invalid' })
    },
  )
})

describe('readStytchSession, while Stytch publishes a weak key,', () => {
  let weak: Registry
  let jwt: string
  beforeAll(() => {
    const key = newRsaKey(1_024)
    const keys = createLocalJWKSet({ keys: [key.jwk] })
    weak = createRegistry([{ ...issuers.stytch, keys }])
    jwt = key.sign(claimsWith({}))
  })

  it('refuses a JWT alone', async () => {
    const refused = { state: 'none', refusal: 'key_too_weak' }
    expect(await readBearer(jwt, weak)).toEqual(refused)
    expect(await read({ cookie: `stytch_session_jwt=${jwt}` }, weak)).toEqual(refused)
  })

  it('asks Stytch about the session token beside it, so that nobody is logged out', async () => {
    const sessionToken = 'session-token-of-some-length'
    const cookie = `stytch_session_jwt=${jwt}; stytch_session=${sessionToken}`
    expect(await read({ cookie }, weak)).toEqual({
      state: 'refreshable',
      sessionToken,
      expected: null,
    })
  })
})

describe('openedSessionOf', () => {
  const mailedTo = (email_address: string) => ({
    type: 'otp',
    delivery_method: 'email',
    email_factor: { email_id: 'email-test-1', email_address },
  })
  const answerWith = (session: object) => ({
    session_token: 'token',
    session_jwt: 'jwt',
    session: {
      session_id: 'session-test-1',
      user_id: 'user-test-1',
      expires_at: '2026-06-01T13:00:00Z',
      started_at: '2026-06-01T12:00:00Z',
      authentication_factors: [mailedTo('Ada@example.com')],
      ...session,
    },
  })

  it('reads what Stytch answers about a session', () => {
    expect(openedSessionOf(answerWith({}))).toEqual({
      tokens: {
        sessionToken: 'token',
        sessionJwt: 'jwt',
        expiresAt: new Date('2026-06-01T13:00:00Z'),
      },
      subject: 'user-test-1',
      sessionId: 'session-test-1',
      startedAt: new Date('2026-06-01T12:00:00Z'),
      factors: {
        emails: ['ada@example.com'],
        hasPassword: false,
        isImported: false,
        count: 1,
        ids: ['email-test-1', 'Ada@example.com'],
      },
      organization: null,
    })
  })

  it.each([
    ['a password', { type: 'password', delivery_method: 'knowledge' }],
    ['a code that was mailed to the attacker', mailedTo('mallory@example.com')],
    ['a link that was not mailed', { type: 'magic_link', delivery_method: 'embedded' }],
  ])('takes no address from a session with %s beside the code (session fixation)', (_, other) => {
    for (const factors of [
      [other, mailedTo('ada@example.com')],
      [mailedTo('ada@example.com'), other],
    ]) {
      const { emails } = openedSessionOf(answerWith({ authentication_factors: factors })).factors
      expect(emails).toEqual([])
    }
  })

  it('takes the address from a session with two codes that were mailed there', () => {
    const twice = [mailedTo('ada@example.com'), mailedTo('Ada@example.com')]
    const { emails } = openedSessionOf(answerWith({ authentication_factors: twice })).factors
    expect(emails).toEqual(['ada@example.com'])
  })

  it('takes a session without a readable start for older than every revocation', () => {
    const { startedAt } = openedSessionOf(answerWith({ started_at: 'yesterday' }))
    expect(startedAt).toEqual(new Date(0))
  })

  it.each(badTimes.map((time) => [time]))(
    'refuses an answer whose session ends at %j',
    (expires_at) => {
      expect(() => openedSessionOf(answerWith({ expires_at }))).toThrow('unexpected_response')
    },
  )

  it.each(['', 'user\0', 'user-\ud800'])('refuses an answer about the user %j', (user_id) => {
    expect(() => openedSessionOf(answerWith({ user_id }))).toThrow('unexpected_response')
  })
})
