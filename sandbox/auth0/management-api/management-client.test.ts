import { ManagementClient } from 'auth0'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { auth0Tenant } from '../../settings.ts'
import { createBrowser } from '../browser.ts'
import {
  authorization,
  callback,
  logIn,
  type StandIn,
  startForTests,
  tokensFor,
} from '../fixture.ts'

let standIn: StandIn
let management: ManagementClient
beforeAll(async () => {
  standIn = await startForTests()
})
beforeEach(() => {
  const host = new URL(standIn.url).host
  management = new ManagementClient({
    domain: host,
    clientId: auth0Tenant.management.clientId,
    clientSecret: auth0Tenant.management.clientSecret,
    audience: `${standIn.url}/api/v2/`,
    maxRetries: 0,
    // The SDK knows no http.
    fetch: (input, init) => fetch(String(input).replace('https://', 'http://'), init),
  })
})
afterEach(async () => {
  await standIn.control('POST', 'reset')
})
afterAll(() => standIn.close())

const connection = auth0Tenant.connection
const ada = 'auth0|6501a0000000000000000001'
const newUser = {
  connection,
  email: 'New@example.com',
  password: 'a-random-password',
  email_verified: true,
  name: 'New Person',
  app_metadata: { stytch_user_id: 'user-test-1' },
}

describe('creating a user', () => {
  it('stores the address in lower case, and the user can log in', async () => {
    const user = await management.users.create({ ...newUser, user_id: 'user-test-1' })
    expect(user).toMatchObject({
      user_id: 'auth0|user-test-1',
      email: 'new@example.com',
      email_verified: true,
      name: 'New Person',
      app_metadata: { stytch_user_id: 'user-test-1' },
      identities: [{ connection, provider: 'auth0', user_id: 'user-test-1', isSocial: false }],
      created_at: expect.any(String),
      updated_at: expect.any(String),
    })
    expect(JSON.stringify(user)).not.toMatch(/passwordHash|\$2[ab]\$/)
    const login = await logIn(standIn, 'new@example.com', { password: 'a-random-password' })
    expect(login.code).not.toBe('')
    expect((await standIn.control('GET', 'inbox')).body).toEqual([])
  })

  it('makes up an id, and mails a verification unless told not to', async () => {
    const { email_verified, ...unverified } = newUser
    const user = await management.users.create(unverified)
    expect(user.user_id).toMatch(/^auth0\|[0-9a-f]{24}$/)
    expect(user.email_verified).toBe(false)
    const { body } = await standIn.control('GET', 'inbox')
    expect(body).toMatchObject([{ to: 'new@example.com', kind: 'verify-email' }])
    await management.users.create({ ...unverified, email: 'b@example.com', verify_email: false })
    expect((await standIn.control('GET', 'inbox')).body).toHaveLength(1)
  })

  it.each([
    ['the address', { ...newUser, email: 'ADA@example.com' }],
    ['the id', { ...newUser, user_id: '6501a0000000000000000001' }],
  ])('is a conflict when %s is taken', async (_, input) => {
    await expect(management.users.create(input)).rejects.toMatchObject({
      statusCode: 409,
      body: {
        statusCode: 409,
        error: 'Conflict',
        message: 'The user already exists.',
        errorCode: 'auth0_idp_error',
      },
    })
  })

  it('happens once when asked for twice at the same time', async () => {
    const answers = await Promise.allSettled([
      management.users.create(newUser),
      management.users.create(newUser),
    ])
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  it.each([
    ['no password', { password: undefined }, 'invalid_body'],
    ['no address', { email: 'nobody' }, 'invalid_body'],
    ['another connection', { connection: 'google-oauth2' }, 'inexistent_connection'],
    ['an unknown property', { subject: 'x' }, 'invalid_body'],
  ])('is a bad request with %s', async (_, changes, errorCode) => {
    await expect(management.users.create({ ...newUser, ...changes })).rejects.toMatchObject({
      statusCode: 400,
      body: { statusCode: 400, error: 'Bad Request', message: expect.any(String), errorCode },
    })
  })
})

describe('finding users', () => {
  it('by address, which is case-sensitive', async () => {
    const found = await management.users.listUsersByEmail({ email: 'ada@example.com' })
    expect(found).toMatchObject([{ user_id: ada, email: 'ada@example.com', blocked: false }])
    expect(await management.users.listUsersByEmail({ email: 'Ada@example.com' })).toEqual([])
    expect(await management.users.listUsersByEmail({ email: 'nobody@example.com' })).toEqual([])
  })

  it('by id', async () => {
    expect(await management.users.get(ada)).toMatchObject({ email: 'ada@example.com' })
    await expect(management.users.get('auth0|nobody')).rejects.toMatchObject({
      statusCode: 404,
      body: { message: 'The user does not exist.', errorCode: 'inexistent_user' },
    })
  })
})

describe('changing a user', () => {
  it('changes the profile and merges the metadata', async () => {
    await management.users.update(ada, { app_metadata: { a: 1, b: 2 } })
    const user = await management.users.update(ada, {
      name: 'Augusta Ada King',
      app_metadata: { b: null, c: 3 },
    })
    expect(user).toMatchObject({ name: 'Augusta Ada King' })
    expect(user.app_metadata).toEqual({ a: 1, c: 3 })
  })

  it('sets the address, which is then not verified unless said so', async () => {
    const first = await management.users.update(ada, { email: 'Countess@example.com' })
    expect(first).toMatchObject({ email: 'countess@example.com', email_verified: false })
    const second = await management.users.update(ada, {
      email: 'ada@example.com',
      email_verified: true,
    })
    expect(second).toMatchObject({ email: 'ada@example.com', email_verified: true })
  })

  it('refuses the address of somebody else', async () => {
    await expect(
      management.users.update(ada, { email: 'grace@example.com' }),
    ).rejects.toMatchObject({
      statusCode: 400,
      body: { message: 'The specified new email already exists' },
    })
  })

  it('sets the password, alone', async () => {
    await management.users.update(ada, { password: 'another-password' })
    const login = await logIn(standIn, 'ada@example.com', { password: 'another-password' })
    expect(login.code).not.toBe('')
    const both = { password: 'x'.repeat(12), email_verified: false }
    await expect(management.users.update(ada, both)).rejects.toMatchObject({ statusCode: 400 })
  })

  it('blocks: no login, no refresh, no userinfo', async () => {
    const tokens = await tokensFor(standIn, 'ada@example.com')
    await management.users.update(ada, { blocked: true })
    expect((await logIn(standIn, 'ada@example.com')).error).toBe('user is blocked')
    expect((await standIn.refresh(tokens.refresh_token)).status).toBe(403)
    expect((await standIn.userinfo(tokens.access_token)).status).toBe(401)
  })
})

describe('a weak password', () => {
  const tooWeak = {
    statusCode: 400,
    body: {
      statusCode: 400,
      error: 'Bad Request',
      message: 'PasswordStrengthError: Password is too weak',
    },
  }

  it.each([
    ['low', 'a'],
    ['low', 'seven77'],
    ['good', 'plover basalt orrery quince'],
  ])('under the policy %s is refused for a new user: %s', async (passwordPolicy, password) => {
    await standIn.control('PUT', 'tenant', { passwordPolicy })
    await expect(management.users.create({ ...newUser, password })).rejects.toMatchObject(tooWeak)
    expect(await management.users.listUsersByEmail({ email: 'new@example.com' })).toEqual([])
    await management.users.create({ ...newUser, password: 'purple-otter-lamp-74' })
  })

  it('is refused for a known user, who keeps the old password, name and sessions', async () => {
    const tokens = await tokensFor(standIn, 'ada@example.com')
    const update = management.users.update(ada, { password: 'a', name: 'Somebody else' })
    await expect(update).rejects.toMatchObject(tooWeak)
    expect((await management.users.get(ada)).name).toBe('Ada Lovelace')
    expect((await standIn.refresh(tokens.refresh_token)).status).toBe(200)
    expect((await logIn(standIn, 'ada@example.com')).code).not.toBe('')
  })

  it('is refused on the page of a password ticket, which still works', async () => {
    await standIn.control('PUT', 'tenant', { passwordPolicy: 'good' })
    const { ticket } = await management.tickets.changePassword({ user_id: ada })
    const browser = createBrowser()
    const page = await browser.open(ticket)
    const again = await browser.submit(page, { password: 'another-password' })
    expect(again.status).toBe(400)
    expect(again.html).toContain('too weak')
    const done = await browser.submit(again, { password: 'another-passw0rd' })
    expect(done.html).toContain('Password changed')
  })
})

describe('deleting a user', () => {
  it('ends sessions, refresh tokens and userinfo, and may be repeated', async () => {
    const { browser, code, verifier } = await logIn(standIn, 'grace@example.com')
    const { body } = await standIn.exchange(code, verifier)
    const grace = 'auth0|6501a0000000000000000002'
    await management.users.delete(grace)
    await management.users.delete(grace)
    expect((await standIn.refresh(body.refresh_token)).status).toBe(403)
    expect((await standIn.userinfo(body.access_token)).status).toBe(401)
    const page = await browser.open(authorization(standIn).url, callback)
    expect(page.html).toContain('<form')
    await expect(management.users.get(grace)).rejects.toMatchObject({ statusCode: 404 })
  })
})

describe('password tickets', () => {
  it('open the set-password page and lead on to result_url', async () => {
    const { ticket } = await management.tickets.changePassword({
      user_id: 'auth0|6501a0000000000000000003',
      result_url: 'http://localhost:3999/login',
      mark_email_as_verified: true,
    })
    const browser = createBrowser()
    const page = await browser.open(ticket)
    expect(page.html).toContain('Set your password')
    const fields = { password: 'another-password' }
    const done = await browser.submit(page, fields, 'http://localhost:3999/')
    expect(done.url).toBe('http://localhost:3999/login')
    const found = await management.users.listUsersByEmail({ email: 'alan@example.com' })
    expect(found[0]?.email_verified).toBe(true)
  })

  it('are not given for nobody', async () => {
    await expect(
      management.tickets.changePassword({ user_id: 'auth0|nobody' }),
    ).rejects.toMatchObject({ statusCode: 404 })
  })
})

describe('authorization', () => {
  const call = (token: string | null) =>
    fetch(`${standIn.url}/api/v2/users/${encodeURIComponent(ada)}`, {
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
    })

  it('refuses no token, a forged one and one for another audience', async () => {
    const audience = `${standIn.url}/api/v2/`
    const forged = await standIn.control('POST', 'machine-token', {
      audience,
      signWith: 'stranger',
    })
    const other = await standIn.control('POST', 'machine-token')
    for (const token of [null, 'x', forged.body.access_token, other.body.access_token]) {
      const response = await call(token)
      expect(response.status).toBe(401)
      expect(await response.json()).toMatchObject({ statusCode: 401, error: 'Unauthorized' })
    }
  })

  it('refuses a token without the scope, also that of a user for this audience', async () => {
    const { body } = await standIn.machineToken({ scope: 'create:users' })
    expect(body.scope).toBe('create:users')
    const user = await tokensFor(standIn, 'ada@example.com', { audience: `${standIn.url}/api/v2/` })
    for (const token of [body.access_token, user.access_token]) {
      const response = await call(token)
      expect(response.status).toBe(403)
      expect(await response.json()).toEqual({
        statusCode: 403,
        error: 'Forbidden',
        message: 'Insufficient scope, expected any of: read:users',
        errorCode: 'insufficient_scope',
      })
    }
  })

  it('answers 404 for what it does not serve, and 400 for a broken path', async () => {
    await expect(management.roles.get('rol_1')).rejects.toMatchObject({ statusCode: 404 })
    const response = await fetch(`${standIn.url}/api/v2/users/%E0%A4%A`)
    expect(response.status).toBe(400)
  })
})

it('shows a 429 to the SDK with the headers of a rate limit', async () => {
  await standIn.control('PUT', 'faults', [{ path: '/api/v2/*', status: 429, times: 1 }])
  await expect(management.users.get(ada)).rejects.toMatchObject({
    name: 'TooManyRequestsError',
    statusCode: 429,
    body: { errorCode: 'too_many_requests' },
  })
  expect(await management.users.get(ada)).toMatchObject({ user_id: ada })
})
