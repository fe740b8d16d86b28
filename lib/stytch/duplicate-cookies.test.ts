import { beforeAll, describe, expect, it } from 'vitest'
import { readCredentials } from '../token/credentials'
import { createRegistry } from '../token/registry'
import {
  createTestIssuers,
  now,
  nowSeconds,
  sign,
  stytchClaims,
  stytchKid,
  type TestIssuers,
} from '../token/testing'
import { readStytchSession } from './session'

let issuers: TestIssuers
beforeAll(async () => {
  issuers = await createTestIssuers()
})

/** The JWT of a user's session. */
const jwtOf = (user: string, claims: object = {}) =>
  sign(
    {
      ...stytchClaims(),
      sub: `user-test-${user}`,
      'https://stytch.com/session': {
        id: `session-test-${user}`,
        expires_at: '2026-06-01T13:00:00Z',
        authentication_factors: [],
      },
      ...claims,
    },
    issuers.stytchKeys,
    { kid: stytchKid },
  )
const expired = { iat: nowSeconds - 600, nbf: nowSeconds - 600, exp: nowSeconds - 300 }
const tokenOf = (user: string) => `session-token-of-${user}-00000000`

function read(pairs: [name: 'jwt' | 'token', value: string][], registry = issuers.registry) {
  const names = { jwt: 'stytch_session_jwt', token: 'stytch_session' }
  const cookie = pairs.map(([name, value]) => `${names[name]}=${value}`).join('; ')
  return readStytchSession(readCredentials(new Headers({ cookie })), registry, now)
}
const refused = { state: 'none', refusal: 'duplicate_cookie' }

describe('a cookie that a sibling subdomain planted beside the session', () => {
  const planted: [string, () => Promise<string>][] = [
    ['garbage', async () => 'planted'],
    ['an empty value', async () => ''],
    ['a JWT that the attacker signed', () => sign(stytchClaims(), issuers.unpublishedKeys)],
  ]
  it.each(planted)('does not lock the user out when it is %s, in either order', async (_, make) => {
    const genuine: ['jwt', string] = ['jwt', await jwtOf('ada')]
    const other: ['jwt', string] = ['jwt', await make()]
    for (const pairs of [
      [genuine, other],
      [other, genuine],
      [other, genuine, other, other],
    ]) {
      expect(await read([['token', tokenOf('ada')], ...pairs])).toMatchObject({
        state: 'valid',
        session: { subject: 'user-test-ada' },
      })
    }
  })

  it('does not sign the user in to the account of the attacker: with two genuine JWTs, both are refused', async () => {
    const [ada, mallory] = [await jwtOf('ada'), await jwtOf('mallory')]
    expect(
      await read([
        ['jwt', ada],
        ['jwt', mallory],
      ]),
    ).toEqual(refused)
    expect(
      await read([
        ['jwt', mallory],
        ['jwt', ada],
      ]),
    ).toEqual(refused)
  })

  it('does not win with a live JWT against the expired one of the user', async () => {
    const [ada, mallory] = [await jwtOf('ada', expired), await jwtOf('mallory')]
    const tokens: ['token', string][] = [
      ['token', tokenOf('ada')],
      ['token', tokenOf('mallory')],
    ]
    expect(await read([['jwt', ada], ['jwt', mallory], ...tokens])).toEqual(refused)
  })

  it('cannot make the app verify more than four cookies', async () => {
    const ada = await jwtOf('ada')
    const many = Array.from({ length: 4 }, (): ['jwt', string] => ['jwt', 'planted'])
    expect(await read([['jwt', ada], ...many])).toEqual(refused)
  })

  it('does not matter for a live JWT when it is a session token', async () => {
    const pairs: ['jwt' | 'token', string][] = [
      ['token', tokenOf('ada')],
      ['token', tokenOf('mallory')],
      ['jwt', await jwtOf('ada')],
    ]
    expect(await read(pairs)).toMatchObject({
      state: 'valid',
      session: { subject: 'user-test-ada' },
    })
  })

  it('leaves it to Stytch which of two session tokens belongs to an expired JWT', async () => {
    const pairs: ['jwt' | 'token', string][] = [
      ['token', 'made up'],
      ['token', tokenOf('mallory')],
      ['token', tokenOf('ada')],
      ['jwt', await jwtOf('ada', expired)],
    ]
    expect(await read(pairs)).toEqual({
      state: 'refreshable',
      sessionToken: tokenOf('mallory'),
      alternatives: [tokenOf('ada')],
      expected: {
        subject: 'user-test-ada',
        sessionId: 'session-test-ada',
        organizationId: null,
      },
    })
  })

  it('is refused when no JWT is genuine, since no session token can be verified here', async () => {
    const tokens: ['token', string][] = [
      ['token', tokenOf('ada')],
      ['token', tokenOf('mallory')],
    ]
    expect(await read(tokens)).toEqual(refused)
    expect(await read([['jwt', 'planted'], ...tokens])).toEqual(refused)
  })
})

it('an outage of the key set signs nobody out who has duplicate cookies', async () => {
  const keys = () => Promise.reject(new Error('no answer'))
  const away = createRegistry([{ ...issuers.stytch, keys }])
  const pairs: ['jwt', string][] = [
    ['jwt', await jwtOf('ada')],
    ['jwt', 'planted'],
  ]
  expect(await read(pairs, away)).toEqual({ state: 'unavailable' })
})
