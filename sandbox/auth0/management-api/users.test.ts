import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { auth0Tenant } from '../../settings.ts'
import {
  authorization,
  callback,
  logIn,
  managementClient,
  startForTests,
  tokensFor,
} from '../fixture.ts'

const standIn = await startForTests()
let management: ReturnType<typeof managementClient>
beforeEach(async () => {
  await standIn.control('POST', 'reset')
  management = managementClient(standIn)
})
afterAll(standIn.close)

const ada = 'auth0|6501a0000000000000000001'
const connection = auth0Tenant.connection
const newUser = {
  connection,
  email: 'New@example.com',
  password: 'a-random-password',
  email_verified: true,
  name: 'New Person',
  app_metadata: { stytch_user_id: 'user-test-1' },
}

describe('creating a user', () => {
  it('stores the address in lower case, and lets the user log in', async () => {
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

  it('generates an id, and mails a verification link unless verify_email is false', async () => {
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
  ])('is refused as a conflict when %s is taken', async (_, input) => {
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

  it('succeeds once for two concurrent requests', async () => {
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
  ])('is refused as a bad request with %s', async (_, changes, errorCode) => {
    await expect(management.users.create({ ...newUser, ...changes })).rejects.toMatchObject({
      statusCode: 400,
      body: { statusCode: 400, error: 'Bad Request', message: expect.any(String), errorCode },
    })
  })
})

describe('finding users', () => {
  it('works by address, and is case-sensitive', async () => {
    const found = await management.users.listUsersByEmail({ email: 'ada@example.com' })
    expect(found).toMatchObject([{ user_id: ada, email: 'ada@example.com', blocked: false }])
    expect(await management.users.listUsersByEmail({ email: 'Ada@example.com' })).toEqual([])
    expect(await management.users.listUsersByEmail({ email: 'nobody@example.com' })).toEqual([])
  })

  it('works by id', async () => {
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

  it('marks a new address as not verified unless the request says that it is', async () => {
    const first = await management.users.update(ada, { email: 'Countess@example.com' })
    expect(first).toMatchObject({ email: 'countess@example.com', email_verified: false })
    const second = await management.users.update(ada, {
      email: 'ada@example.com',
      email_verified: true,
    })
    expect(second).toMatchObject({ email: 'ada@example.com', email_verified: true })
  })

  it('refuses the address of another user', async () => {
    await expect(
      management.users.update(ada, { email: 'grace@example.com' }),
    ).rejects.toMatchObject({
      statusCode: 400,
      body: { message: 'The specified new email already exists' },
    })
  })

  it('sets the password, and refuses it together with email_verified', async () => {
    await management.users.update(ada, { password: 'another-password' })
    const login = await logIn(standIn, 'ada@example.com', { password: 'another-password' })
    expect(login.code).not.toBe('')
    const both = { password: 'x'.repeat(12), email_verified: false }
    await expect(management.users.update(ada, both)).rejects.toMatchObject({ statusCode: 400 })
  })

  it('blocks a user: login, refresh and userinfo are refused', async () => {
    const tokens = await tokensFor(standIn, 'ada@example.com')
    await management.users.update(ada, { blocked: true })
    expect((await logIn(standIn, 'ada@example.com')).error).toBe('user is blocked')
    expect((await standIn.refresh(tokens.refresh_token)).status).toBe(403)
    expect((await standIn.userinfo(tokens.access_token)).status).toBe(401)
  })
})

describe('deleting a user', () => {
  it('ends sessions, refresh tokens and userinfo, and succeeds a second time', async () => {
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
