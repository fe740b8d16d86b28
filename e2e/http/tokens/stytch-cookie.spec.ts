import type { Refusal } from '../../../lib/token/refusal.ts'
import { epochSeconds } from '../../steps/clock.ts'
import { legacyCookies } from '../../steps/legacy-session.ts'
import { ask } from '../../steps/request.ts'
import { stytchCookies } from '../../steps/stytch-session.ts'
import { count, type TokenOptions } from '../../world/stand-in.ts'
import { stytch } from '../../world/stytch.ts'
import { expect, test } from '../../world/test.ts'
import { email, expectRefused, stytchShape } from './attack.ts'

// With zero downtime, the app would also carry over a token that it wrongly accepts.
test.use({ policy: 'zero-downtime' })

for (const [name, pair] of Object.entries({
  'two genuine Stytch JWTs': async () => {
    const [one, two] = [await stytchShape.forge(), await stytchShape.forge()]
    return `stytch_session_jwt=${one}; stytch_session_jwt=${two}`
  },
  'one Stytch JWT twice': async () => {
    const jwt = await stytchShape.forge()
    return `stytch_session_jwt=${jwt}; other=1;stytch_session_jwt=${jwt}`
  },
  'two legacy sessions': async () => {
    const pairs = [await legacyCookies(email), await legacyCookies('grace@example.com')]
    return pairs
      .flatMap((cookies) => Object.entries(cookies).map(([key, value]) => `${key}=${value}`))
      .join('; ')
  },
})) {
  test(`refuses ${name}, because it cannot know which one is right`, async () => {
    await expectRefused({ cookies: await pair() }, 'duplicate_cookie')
  })
}

const legacyHeader = async (person: string) =>
  Object.entries(await legacyCookies(person))
    .map(([key, value]) => `${key}=${value}`)
    .join('; ')

for (const [name, pair] of Object.entries({
  'a forged JWT behind the genuine one': async () =>
    `stytch_session_jwt=${await stytchShape.forge()}; stytch_session_jwt=forged`,
  'a forged JWT before the genuine one': async () =>
    `stytch_session_jwt=forged; stytch_session_jwt=${await stytchShape.forge()}`,
  'the session token of an attacker beside the genuine session': async () => {
    const [one, two] = [await stytchCookies(email), await stytchCookies('grace@example.com')]
    return `stytch_session=${one.stytch_session}; stytch_session_jwt=${one.stytch_session_jwt}; stytch_session=${two.stytch_session}`
  },
  'a forged legacy session before the genuine one': async () =>
    `__session=forged; ${await legacyHeader(email)}`,
  'a forged legacy session behind the genuine one': async () =>
    `${await legacyHeader(email)}; __session=forged; __session__0=forged`,
})) {
  test(`a sibling subdomain that plants ${name} locks nobody out`, async () => {
    const cookies = await pair()
    const api = await ask('/api/me', { cookies })
    expect(api.status).toBe(200)
    expect(api.json().user.email).toBe(email)
    expect((await ask('/dashboard', { cookies })).status).toBe(200)
  })
}

test('two genuine sessions open no account on a public page either', async () => {
  const cookies = `${await legacyHeader(email)}; ${await legacyHeader('grace@example.com')}`
  const login = await ask('/login', { cookies })
  expect(login.status).toBe(200)
  for (const address of [email, 'grace@example.com']) expect(login.text).not.toContain(address)
})

test('names the cookies to delete at the login, and shows no other text from the link', async () => {
  const [one, two] = [await stytchShape.forge(), await stytchShape.forge()]
  const cookies = `stytch_session_jwt=${one}; stytch_session_jwt=${two}`
  const location = (await ask('/dashboard', { cookies })).headers.get('location') as string
  const login = await ask(location.replace(/^https?:\/\/[^/]+/, ''))
  expect(login.text).toContain('stytch_session_jwt</code>')
  const link = await ask('/login?reason=duplicate_cookie&cookie=call-0900-123,__session')
  expect(link.text).toContain('__session</code>')
  expect(link.text).not.toContain('0900-123</')
})

test('refuses the expired JWT of one user beside the session token of another', async () => {
  const victim = (await stytch.session(email, { claims: { exp: epochSeconds() - 1 } })).session_jwt
  const attacker = await stytch.session('mallory@example.com')
  const cookies = { stytch_session: attacker.session_token, stytch_session_jwt: victim }
  const api = await ask('/api/me', { cookies })
  expect(api.status).toBe(401)
  expect(api.json().error.code).toBe('session_mismatch')
  expect(api.sessionCookies).toEqual([])
})

test('refuses the expired JWT of one session beside the token of another session of the same user', async () => {
  const { session_jwt } = await stytch.session(email, { claims: { exp: epochSeconds() - 1 } })
  const { session_token } = await stytch.session(email)
  const cookies = { stytch_session: session_token, stytch_session_jwt: session_jwt }
  expect((await ask('/api/me', { cookies })).json().error.code).toBe('session_mismatch')
})

test('refuses the claims of a JWT with an unknown key, and verifies the session token beside it', async () => {
  const forged = (await stytch.session(email, { header: { kid: 'unknown' } })).session_jwt
  const attacker = await stytch.session('mallory@example.com')
  const cookies = { stytch_session: attacker.session_token, stytch_session_jwt: forged }
  expect((await ask('/api/me', { cookies })).json().user.email).toBe('mallory@example.com')
})

for (const [name, options, code] of [
  ['an unsigned JWT', { header: { alg: 'none' } }, 'algorithm_not_allowed'],
  ['a JWT that a stranger signed', { signWith: 'stranger' }, 'signature_invalid'],
  ['a JWT of another project', { claims: { aud: 'project-test-0' } }, 'audience_mismatch'],
  ['a JWT of another issuer', { claims: { iss: 'https://evil.example' } }, 'issuer_unknown'],
] as [string, TokenOptions, Refusal][]) {
  test(`refuses ${name} even beside a live session token, and asks nobody`, async () => {
    await expectRefused({ cookies: await stytchCookies(email, options) }, code)
  })
}

test('refuses a made-up session token, and removes its cookie', async () => {
  const made = { stytch_session: 'x'.repeat(44) }
  const api = await ask('/api/me', { cookies: made })
  expect(api.status).toBe(401)
  expect(api.json().error.code).toBe('session_ended')
  expect(api.headers.getSetCookie().filter((line) => line.startsWith('stytch_session='))).toEqual([
    expect.stringContaining('Expires=Thu, 01 Jan 1970'),
  ])

  // The app asks Stytch about no malformed token, and on a public page about no token.
  await stytch.forgetRequests()
  for (const stytch_session of [
    'made-up',
    'x'.repeat(5_000),
    '../../users',
    'a b c d e f g h i j k',
  ]) {
    const odd = await ask('/api/me', { cookies: { stytch_session } })
    expect(odd.status).toBe(401)
  }
  expect((await ask('/login', { cookies: made })).status).toBe(200)
  expect(await count(stytch, 'POST', '/v1/sessions/authenticate')).toBe(0)
})

test('refuses one ended token ten times, and asks Stytch about it once (exhausted rate limit)', async () => {
  const dead = { stytch_session: `${crypto.randomUUID()}-dead` }
  await stytch.forgetRequests()
  for (let n = 0; n < 5; n += 1) {
    expect((await ask('/dashboard', { cookies: dead })).status).toBe(307)
    expect((await ask('/api/me', { cookies: dead })).json().error.code).toBe('session_ended')
  }
  expect(await count(stytch, 'POST', '/v1/sessions/authenticate')).toBe(1)
  // These APIs do not ask Stytch about a made-up token.
  for (const door of ['/api/metrics', '/api/policy']) {
    const made = { stytch_session: `${crypto.randomUUID()}-made` }
    expect((await ask(door, { cookies: made })).status, door).toBe(401)
  }
  expect(await count(stytch, 'POST', '/v1/sessions/authenticate')).toBe(1)
})

test('refuses an empty Bearer, and does not fall back to the cookies', async () => {
  const cookies = await stytchCookies(email)
  expect((await ask('/api/me', { cookies })).status).toBe(200)
  for (const authorization of ['Bearer', 'Bearer ', 'bearer x']) {
    const api = await ask('/api/me', { cookies, headers: { authorization } })
    expect(api.status, authorization).toBe(401)
    expect(api.json().error.code).toBe('token_opaque')
  }
})
