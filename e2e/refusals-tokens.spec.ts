import { createServer } from 'node:http'
import { decodeJwt, decodeProtectedHeader, generateKeyPair, SignJWT } from 'jose'
import type { Refusal } from '../lib/token/refusal.ts'
import { auth0Tenant, demoUsers, stytchProject, urls } from '../sandbox/settings.ts'
import { listen } from './listen.ts'
import { auth0, count, putPolicy, stytch, type TokenOptions } from './stand-ins.ts'
import {
  act,
  ask,
  test as base,
  type Credentials,
  expect,
  legacyCookies,
  stytchCookies,
} from './test.ts'

/**
 * Forged and misplaced tokens, each as Bearer and as cookie. The policy is zero-downtime, so that a
 * token which slips through would also be carried over.
 */

// Nothing here changes the world, so it is made once and not for each of these many tests.
const test = base.extend<{ freshWorld: undefined }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the parameter's destructuring.
  freshWorld: async ({}, use) => use(undefined),
})
test.beforeAll(async () => {
  await Promise.all([stytch.reset(), auth0.reset()])
  await putPolicy('zero-downtime')
})

const email = 'ada@example.com'
const subject = demoUsers.find((user) => user.email === email)?.subject as string
const seconds = () => Math.floor(Date.now() / 1_000)

type Shape = {
  name: 'Stytch' | 'legacy'
  issuer: string
  forge(options?: TokenOptions): Promise<string>
  asCookie(token: string): Promise<Record<string, string>>
}

const shapes: Shape[] = [
  {
    name: 'Stytch',
    issuer: `stytch.com/${stytchProject.projectId}`,
    forge: async (options) => (await stytch.session(email, options)).session_jwt,
    asCookie: async (token) => ({ stytch_session_jwt: token }),
  },
  {
    name: 'legacy',
    issuer: auth0Tenant.issuer,
    forge: (options) => auth0.token(email, options),
    asCookie: (accessToken) => legacyCookies(email, { accessToken }),
  },
]
const [stytchShape, legacyShape] = shapes as [Shape, Shape]

type Attack = {
  name: string
  forge: () => Promise<string>
  code: Refusal
  /** Carries what no Authorization header can. */
  cookieOnly?: boolean
}

/**
 * In a legacy session the token is the business of the two servers: the seal proves the person. One that
 * is expired or that nobody could read or check logs nobody out; it is only never handed to Stytch.
 */
const vouchedFor: ReadonlySet<Refusal> = new Set([
  'token_expired',
  'token_opaque',
  'token_malformed',
  'token_too_large',
  'issuer_unknown',
  'algorithm_not_allowed',
  'type_not_allowed',
  'audience_mismatch',
  'key_missing',
  'key_unknown',
  'keys_unavailable',
])

/** Every door that a token could open, and what each of them answers. */
async function expectRefused(credentials: Credentials, code: Refusal): Promise<void> {
  await Promise.all([stytch.forgetRequests(), auth0.forgetRequests()])

  const api = await ask('/api/me', credentials)
  expect(api.status).toBe(401)
  expect(api.json().error.code).toBe(code)
  expect(api.headers.get('www-authenticate')).toBe(
    `Bearer realm="cutover", error="invalid_token", error_description="${code}"`,
  )
  expect(api.headers.get('x-auth-lane')).toBe('anonymous')
  expect(api.headers.get('cache-control')).toBe('private, no-store')

  const page = await ask('/dashboard', credentials)
  expect(page.status).toBe(307)
  const login = new URL(page.headers.get('location') as string, urls.app)
  expect(login.origin + login.pathname).toBe(`${urls.app}/login`)
  expect(login.searchParams.get('returnTo')).toBe('/dashboard')
  expect(page.headers.get('x-auth-reason')).toBe(code)

  const migration = await ask('/api/sessions/migrate', { ...credentials, method: 'POST' })
  expect(migration.status).toBe(401)
  expect(migration.json().error.code).toBe(
    credentials.bearer === undefined ? 'token_missing' : code,
  )

  const action = await act('migrateSession', '/dashboard', credentials)
  expect(action.result).toMatchObject({ result: 'refused' })

  for (const answer of [api, page, migration, action]) expect(answer.sessionCookies).toEqual([])
  await expectNobodyAsked()
}

/** Keys are fetched; no provider is asked about the token itself, and Stytch opens nothing. */
async function expectNobodyAsked(): Promise<void> {
  expect([...(await stytch.calls()), ...(await auth0.calls())]).toEqual([])
}

/** Signed in on legacy as before, and not carried over. */
async function expectStays(cookies: Record<string, string>): Promise<void> {
  await stytch.forgetRequests()
  const api = await ask('/api/me', { cookies })
  expect(api.status).toBe(200)
  expect(api.json()).toMatchObject({ user: { email }, session: { lane: 'legacy' } })
  expect((await ask('/dashboard', { cookies })).status).toBe(200)
  const action = await act('migrateSession', '/dashboard', { cookies })
  expect(action.result).toMatchObject({ result: 'refused' })
  expect(action.sessionCookies).toEqual([])
  expect(await stytch.calls()).toEqual([])
}

function refuses(shape: Shape, { name, forge, code, ...attack }: Attack): void {
  if (!attack.cookieOnly) {
    test(`refuses a ${shape.name} token ${name}, as Bearer`, async () => {
      await expectRefused({ bearer: await forge() }, code)
    })
  }
  if (shape === legacyShape && vouchedFor.has(code)) {
    test(`refuses to carry over a legacy session with a token ${name}, and logs nobody out`, async () => {
      await expectStays(await shape.asCookie(await forge()))
    })
  } else {
    test(`refuses a ${shape.name} token ${name}, as cookie`, async () => {
      await expectRefused({ cookies: await shape.asCookie(await forge()) }, code)
    })
  }
}

for (const shape of shapes) {
  test(`accepts a genuine ${shape.name} token, as Bearer and as cookie`, async () => {
    const token = await shape.forge({ claims: { 'https://example.com/extra': true } })
    for (const credentials of [{ bearer: token }, { cookies: await shape.asCookie(token) }]) {
      const api = await ask('/api/me', credentials)
      expect(api.status).toBe(200)
      expect(api.json().session).toMatchObject({ lane: shape.name.toLowerCase() })
      expect(api.sessionCookies).toEqual([])
    }
  })
}

test('accepts the second name of Stytch, the address of its API', async () => {
  const bearer = await stytchShape.forge({ claims: { iss: urls.stytch } })
  expect((await ask('/api/me', { bearer })).status).toBe(200)
})

for (const shape of shapes) {
  const { issuer, forge } = shape
  const issuers: [string, unknown, Refusal][] = [
    ['without an issuer', null, 'issuer_missing'],
    ['whose issuer is an array', [issuer], 'issuer_missing'],
    ['whose issuer is a number', 42, 'issuer_missing'],
    ['whose issuer is an object', { iss: issuer }, 'issuer_missing'],
    ['whose issuer is true', true, 'issuer_missing'],
    ['whose issuer is empty', '', 'issuer_unknown'],
    [
      'whose issuer has a slash too many or too few',
      issuer.endsWith('/') ? issuer.slice(0, -1) : `${issuer}/`,
      'issuer_unknown',
    ],
    ['whose issuer is in capitals', issuer.toUpperCase(), 'issuer_unknown'],
    ['whose issuer has a look-alike letter', issuer.replace('o', 'о'), 'issuer_unknown'],
    ['whose issuer has a space behind it', `${issuer} `, 'issuer_unknown'],
    ['whose issuer has a line break behind it', `${issuer}\n`, 'issuer_unknown'],
    ['whose issuer ends in another host', `${issuer}.evil.example`, 'issuer_unknown'],
    ['whose issuer goes up a folder', `${issuer}/../evil`, 'issuer_unknown'],
    ['whose issuer has a fragment', `${issuer}#evil`, 'issuer_unknown'],
    [
      'whose issuer hides the host behind user info',
      `https://${issuer.replace(/^\w+:\/\//, '').replace('/', '@evil.example/')}`,
      'issuer_unknown',
    ],
    ['whose issuer is two joined by a comma', `${auth0Tenant.issuer},${issuer}`, 'issuer_unknown'],
    ['of the issuer __proto__', '__proto__', 'issuer_unknown'],
    ['of the issuer constructor', 'constructor', 'issuer_unknown'],
    [
      'of another tenant or project',
      shape === legacyShape
        ? 'https://evil-tenant.eu.auth0.com/'
        : 'stytch.com/project-test-00000000-0000-4000-8000-000000000000',
      'issuer_unknown',
    ],
  ]
  for (const [name, iss, code] of issuers) {
    refuses(shape, { name, forge: () => forge({ claims: { iss } }), code })
  }

  const headers: [string, Record<string, unknown>, Refusal][] = [
    ['with the algorithm none', { alg: 'none' }, 'algorithm_not_allowed'],
    ['with the algorithm NONE', { alg: 'NONE' }, 'algorithm_not_allowed'],
    ['signed with the public key as HS256 secret', { alg: 'HS256' }, 'algorithm_not_allowed'],
    ['signed with RS512', { alg: 'RS512' }, 'algorithm_not_allowed'],
    ['without an algorithm', { alg: null }, 'algorithm_not_allowed'],
    ['whose algorithm is an array', { alg: ['RS256'] }, 'algorithm_not_allowed'],
    ['without a kid', { kid: null }, 'key_missing'],
    ['with an empty kid', { kid: '' }, 'key_missing'],
    ['whose kid is a number', { kid: 0 }, 'key_missing'],
    ['without a type', { typ: null }, 'type_not_allowed'],
    ['of the type of a logout token', { typ: 'logout+jwt' }, 'type_not_allowed'],
    ['of the type of a DPoP proof', { typ: 'dpop+jwt' }, 'type_not_allowed'],
    [
      'with a critical extension that nobody knows',
      { crit: ['evil'], evil: true },
      'token_malformed',
    ],
  ]
  for (const [name, header, code] of headers) {
    refuses(shape, { name, forge: () => forge({ header }), code })
  }
  for (const kid of ['unknown', '__proto__', '../../jwks.json']) {
    refuses(shape, {
      name: `of the unknown kid ${kid}`,
      forge: () => forge({ header: { kid } }),
      code: 'key_unknown',
    })
  }

  const claims: [string, () => Record<string, unknown>, Refusal][] = [
    ['for another audience', () => ({ aud: 'https://api.evil.example/' }), 'audience_mismatch'],
    [
      "for another project's or tenant's audience",
      () => ({
        aud:
          shape === legacyShape
            ? [stytchProject.projectId, `${auth0Tenant.issuer}api/v2/`]
            : ['project-test-00000000-0000-4000-8000-000000000000', auth0Tenant.audience],
      }),
      'audience_mismatch',
    ],
    ['without an audience', () => ({ aud: null }), 'audience_mismatch'],
    ['whose audience is an empty list', () => ({ aud: [] }), 'audience_mismatch'],
    ['without an expiry', () => ({ exp: null }), 'claim_invalid'],
    ['whose expiry is text', () => ({ exp: String(seconds() + 600) }), 'claim_invalid'],
    ['without a time of issue', () => ({ iat: null }), 'claim_invalid'],
    ['without a subject', () => ({ sub: null }), 'claim_invalid'],
    ['with an empty subject', () => ({ sub: '' }), 'claim_invalid'],
    ['whose subject is a number', () => ({ sub: 7 }), 'claim_invalid'],
    ['that is issued in a minute', () => ({ iat: seconds() + 60 }), 'token_not_yet_valid'],
    ['that is not valid before a minute', () => ({ nbf: seconds() + 60 }), 'token_not_yet_valid'],
  ]
  for (const [name, changed, code] of claims) {
    refuses(shape, { name, forge: () => forge({ claims: changed() }), code })
  }
  refuses(shape, {
    name: 'that expired a second ago',
    forge: () => forge({ claims: { exp: seconds() - 1 } }),
    code: 'token_expired',
  })

  refuses(shape, {
    name: 'signed by a stranger under its kid',
    forge: () => forge({ signWith: 'stranger' }),
    code: 'signature_invalid',
  })
  refuses(shape, {
    name: 'over 8 KB',
    forge: () => forge({ claims: { pad: 'x'.repeat(5_900) } }),
    code: 'token_too_large',
  })

  const texts: [string, (token: string) => string, Refusal, Partial<Attack>?][] = [
    ['that is opaque', () => 'kFvXhWj3Q0mZb2yR9c1tA7n', 'token_opaque'],
    // Auth0's tokens without an audience are of this kind: encrypted, for its own userinfo only.
    [
      'of five parts',
      () => 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..aXZpdml2aXZpdg.Y2lwaGVy.dGFndGFndGFn',
      'token_malformed',
    ],
    ['of two parts', (token) => token.split('.').slice(0, 2).join('.'), 'token_malformed'],
    ['with a fourth part', (token) => `${token}.`, 'token_malformed'],
    ['with stray bits in its last letter', withStrayBits, 'token_malformed'],
    ['with padding', (token) => `${token}==`, 'token_malformed'],
    ['in the other base64 alphabet', inOtherAlphabet, 'token_malformed'],
    ['with a space in it', (token) => token.replace('.', '. '), 'token_malformed'],
    ['with a space before it', (token) => ` ${token}`, 'token_malformed'],
    ['with a space behind it', (token) => `${token} `, 'token_malformed', { cookieOnly: true }],
    [
      'with a line break in it',
      (t) => t.replace('.', '\n.'),
      'token_malformed',
      { cookieOnly: true },
    ],
    ['with a NUL behind it', (token) => `${token}\0`, 'token_malformed', { cookieOnly: true }],
    ['whose parts are not JSON', () => 'AAAA.AAAA.AAAA', 'token_malformed'],
    ['whose claims are a list', (t) => withPayload(t, '[]'), 'token_malformed'],
    ['whose claims are null', (t) => withPayload(t, 'null'), 'token_malformed'],
    ['whose claims were changed', changedClaims, 'signature_invalid'],
    ['without its signature', (t) => `${t.slice(0, t.lastIndexOf('.'))}.`, 'signature_invalid'],
  ]
  for (const [name, change, code, more] of texts) {
    // A claim that has letters in which the two alphabets differ, wherever it stands.
    const forgeChanged = async () => change(await forge({ claims: { note: '>>>>>' } }))
    refuses(shape, { name, forge: forgeChanged, code, ...more })
  }

  const embedded: [string, (address: string, publicJwk: object) => Record<string, unknown>][] = [
    ['a key of its own', (_, jwk) => ({ jwk })],
    ['the address of keys of its own', (jku) => ({ jku })],
    ['the address of a certificate of its own', (x5u) => ({ x5u })],
  ]
  for (const [what, header] of embedded) {
    for (const kid of ['genuine', 'own'] as const) {
      test(`refuses a ${shape.name} token that brings ${what}, under the ${kid} kid, and fetches nothing`, async () => {
        const { privateKey, publicKey } = await generateKeyPair('RS256')
        const publicJwk = { ...(await crypto.subtle.exportKey('jwk', publicKey)), kid: 'own' }
        let visits = 0
        const attacker = createServer((_, response) => {
          visits += 1
          response.end(JSON.stringify({ keys: [publicJwk] }))
        })
        const address = `http://localhost:${await listen(attacker)}/jwks.json`
        try {
          const genuine = await forge()
          const token = await new SignJWT(decodeJwt(genuine))
            .setProtectedHeader({
              ...decodeProtectedHeader(genuine),
              alg: 'RS256',
              ...(kid === 'own' ? { kid } : {}),
              ...header(address, publicJwk),
            })
            .sign(privateKey)
          const code = kid === 'own' ? 'key_unknown' : 'signature_invalid'
          await expectRefused({ bearer: token }, code)
          const cookies = await shape.asCookie(token)
          if (shape === legacyShape && kid === 'own') await expectStays(cookies)
          else await expectRefused({ cookies }, code)
          expect(visits).toBe(0)
        } finally {
          attacker.close()
        }
      })
    }
  }
}

// Signed by the one provider, in the name of the other: under its own kid and under the other's.
const asLegacy = () => ({
  iss: auth0Tenant.issuer,
  aud: [auth0Tenant.audience, `${auth0Tenant.issuer}userinfo`],
  sub: subject,
})
const asStytch = async () => {
  const { iss, aud, sub, ...claims } = decodeJwt(await stytchShape.forge())
  const name = 'https://stytch.com/session'
  return { iss, aud, sub, [name]: claims[name] }
}
const kidOf = async (shape: Shape) => decodeProtectedHeader(await shape.forge()).kid

refuses(legacyShape, {
  name: "that Stytch's key signed under its own kid",
  forge: () => stytchShape.forge({ claims: asLegacy() }),
  code: 'key_unknown',
})
refuses(legacyShape, {
  name: "that Stytch's key signed under the legacy kid",
  forge: async () =>
    stytchShape.forge({ claims: asLegacy(), header: { kid: await kidOf(legacyShape) } }),
  code: 'signature_invalid',
})
refuses(stytchShape, {
  name: "that the legacy provider's key signed under its own kid",
  forge: async () => legacyShape.forge({ claims: await asStytch() }),
  code: 'key_unknown',
})
refuses(stytchShape, {
  name: "that the legacy provider's key signed under Stytch's kid",
  forge: async () =>
    legacyShape.forge({ claims: await asStytch(), header: { kid: await kidOf(stytchShape) } }),
  code: 'signature_invalid',
})

refuses(legacyShape, {
  name: 'that is an ID token',
  forge: async () => (await auth0.idToken(email)).id_token,
  code: 'audience_mismatch',
})
refuses(legacyShape, {
  name: 'for userinfo only',
  forge: () => legacyShape.forge({ claims: { aud: `${auth0Tenant.issuer}userinfo` } }),
  code: 'audience_mismatch',
})
refuses(legacyShape, {
  name: 'of a machine',
  forge: async () => (await auth0.machineToken()).access_token,
  code: 'machine_token',
})
refuses(legacyShape, {
  name: 'of a machine that calls itself by the name of a person',
  forge: () => legacyShape.forge({ claims: { gty: 'client-credentials' } }),
  code: 'machine_token',
})
refuses(stytchShape, {
  name: 'of a machine',
  forge: () => stytchShape.forge({ claims: { sub: 'm2m-client-test-1' } }),
  code: 'machine_token',
})
refuses(stytchShape, {
  name: 'without a session in it',
  forge: () => stytchShape.forge({ claims: { 'https://stytch.com/session': null } }),
  code: 'claim_invalid',
})
refuses(stytchShape, {
  name: 'whose session has ended',
  forge: () =>
    stytchShape.forge({
      claims: {
        'https://stytch.com/session': { id: 's', expires_at: new Date(0).toISOString() },
      },
    }),
  code: 'session_ended',
})

test('refuses a legacy session that holds the token of another person', async () => {
  const cookies = await legacyCookies(email, {
    accessToken: await auth0.token('grace@example.com'),
  })
  await expectRefused({ cookies }, 'subject_mismatch')
})

test('refuses a legacy session that holds the expired token of another person', async () => {
  const accessToken = await auth0.token('grace@example.com', { expiresInSeconds: -60 })
  await expectRefused({ cookies: await legacyCookies(email, { accessToken }) }, 'subject_mismatch')
})

test('refuses a legacy session that holds a token of Stytch', async () => {
  const cookies = await legacyCookies(email, { accessToken: await stytchShape.forge() })
  await expectRefused({ cookies }, 'issuer_unknown')
})

test('refuses a legacy token in the cookie of Stytch', async () => {
  await expectRefused(
    { cookies: { stytch_session_jwt: await legacyShape.forge() } },
    'issuer_unknown',
  )
})

test('refuses a legacy session past its end', async () => {
  const createdAt = seconds() - 3 * 24 * 60 * 60 - 1
  const api = await ask('/api/me', { cookies: await legacyCookies(email, { createdAt }) })
  expect(api.status).toBe(401)
  expect(api.sessionCookies).toEqual([])
})

test('refuses legacy cookies that were changed, cut off or mixed from two sessions', async () => {
  const [mine, other] = await Promise.all([
    legacyCookies(email),
    legacyCookies('grace@example.com'),
  ])
  const joined = Object.values(mine).join('')
  const middle = Math.floor(joined.length / 2)
  const broken = [
    joined.slice(0, middle) + (joined[middle] === 'A' ? 'B' : 'A') + joined.slice(middle + 1),
    joined.slice(0, -10),
    joined.slice(0, middle) + Object.values(other).join('').slice(middle),
    'garbage',
    '',
    '{"user":{"sub":"auth0|1"}}',
  ]
  for (const value of broken) {
    const cookies = { __session: value }
    expect((await ask('/api/me', { cookies })).status, value.slice(0, 20)).toBe(401)
    expect((await ask('/dashboard', { cookies })).status).toBe(307)
  }
})

for (const [name, pair] of Object.entries({
  'two genuine Stytch JWTs': async () => {
    const [one, two] = [await stytchShape.forge(), await stytchShape.forge()]
    return `stytch_session_jwt=${one}; stytch_session_jwt=${two}`
  },
  'a genuine Stytch JWT before a forged one': async () =>
    `stytch_session_jwt=${await stytchShape.forge()}; stytch_session_jwt=forged`,
  'a genuine Stytch JWT behind a forged one': async () =>
    `stytch_session_jwt=forged; stytch_session_jwt=${await stytchShape.forge()}`,
  'one Stytch JWT twice': async () => {
    const jwt = await stytchShape.forge()
    return `stytch_session_jwt=${jwt}; other=1;stytch_session_jwt=${jwt}`
  },
  'two Stytch session tokens': async () => {
    const [one, two] = [await stytchCookies(email), await stytchCookies('grace@example.com')]
    return `stytch_session=${one.stytch_session}; stytch_session_jwt=${one.stytch_session_jwt}; stytch_session=${two.stytch_session}`
  },
  'two legacy sessions': async () => {
    const pairs = [await legacyCookies(email), await legacyCookies('grace@example.com')]
    return pairs
      .flatMap((cookies) => Object.entries(cookies).map(([key, value]) => `${key}=${value}`))
      .join('; ')
  },
})) {
  test(`refuses ${name}: which one counts is a guess`, async () => {
    await expectRefused({ cookies: await pair() }, 'duplicate_cookie')
  })
}

test('refuses the expired JWT of one person beside the session token of another', async () => {
  const victim = (await stytch.session(email, { claims: { exp: seconds() - 1 } })).session_jwt
  const attacker = await stytch.session('mallory@example.com')
  const cookies = { stytch_session: attacker.session_token, stytch_session_jwt: victim }
  const api = await ask('/api/me', { cookies })
  expect(api.status).toBe(401)
  expect(api.json().error.code).toBe('session_mismatch')
  expect(api.sessionCookies).toEqual([])
})

test('refuses the expired JWT of one session beside the token of another session of the same person', async () => {
  const { session_jwt } = await stytch.session(email, { claims: { exp: seconds() - 1 } })
  const { session_token } = await stytch.session(email)
  const cookies = { stytch_session: session_token, stytch_session_jwt: session_jwt }
  expect((await ask('/api/me', { cookies })).json().error.code).toBe('session_mismatch')
})

test('refuses to believe a JWT of an unknown key: the session token beside it says who it is', async () => {
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

test('refuses a made-up session token, and takes it away', async () => {
  const made = { stytch_session: 'x'.repeat(44) }
  const api = await ask('/api/me', { cookies: made })
  expect(api.status).toBe(401)
  expect(api.json().error.code).toBe('session_ended')
  expect(api.headers.getSetCookie().filter((line) => line.startsWith('stytch_session='))).toEqual([
    expect.stringContaining('Expires=Thu, 01 Jan 1970'),
  ])

  // What cannot be one is not even asked about, and neither is one on a page that anybody may load.
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

test('refuses one dead token ten times, and asks about it once (a spent rate limit)', async () => {
  const dead = { stytch_session: `${crypto.randomUUID()}-dead` }
  await stytch.forgetRequests()
  for (let n = 0; n < 5; n += 1) {
    expect((await ask('/dashboard', { cookies: dead })).status).toBe(307)
    expect((await ask('/api/me', { cookies: dead })).json().error.code).toBe('session_ended')
  }
  expect(await count(stytch, 'POST', '/v1/sessions/authenticate')).toBe(1)
  // Doors of their own ask nobody about what a stranger made up.
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

function withStrayBits(token: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return token.slice(0, -1) + alphabet[alphabet.indexOf(token.at(-1) as string) | 1]
}

function inOtherAlphabet(token: string): string {
  expect(token).toMatch(/[-_]/)
  return token.replaceAll('-', '+').replaceAll('_', '/')
}

function withPayload(token: string, payload: string): string {
  const [header, , signature] = token.split('.')
  return `${header}.${Buffer.from(payload).toString('base64url')}.${signature}`
}

function changedClaims(token: string): string {
  return withPayload(token, JSON.stringify({ ...decodeJwt(token), email: 'root@example.com' }))
}
