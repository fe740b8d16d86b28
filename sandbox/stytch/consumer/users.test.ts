import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { demoUsers } from '../../settings.ts'
import { client, errorOf, startForTests } from '../fixture.ts'

const standIn = await startForTests()
const { stytch } = standIn
beforeEach(() => standIn.control('POST', 'reset'))
afterAll(standIn.close)

describe('users', () => {
  it('are created with external id, name and metadata', async () => {
    const created = await stytch.users.create({
      email: 'Grace@Example.com',
      external_id: 'auth0|abc',
      name: { first_name: 'Grace' },
      trusted_metadata: { plan: 'pro' },
    })
    expect(created).toMatchObject({ status_code: 200, status: 'active', phone_id: '' })
    expect(created.user).toMatchObject({
      emails: [{ email: 'grace@example.com', verified: false, email_id: created.email_id }],
      external_id: 'auth0|abc',
      name: { first_name: 'Grace', last_name: '' },
      trusted_metadata: { plan: 'pro' },
    })
    expect(created.user_id).toMatch(/^user-test-[0-9a-f-]{36}$/)
    expect(created.request_id).toMatch(/^request-id-test-/)
  })

  it('are returned by Stytch id and by external id', async () => {
    const byExternalId = await stytch.users.get({ user_id: demoUsers[0]?.subject ?? '' })
    expect(byExternalId).toMatchObject({
      name: { first_name: 'Ada', last_name: 'Lovelace' },
      emails: [{ email: 'ada@example.com', verified: true }],
      password: { requires_reset: false },
    })
    const { user_id } = byExternalId
    expect(await stytch.users.get({ user_id })).toMatchObject({ user_id })
  })

  it('are updated: metadata is merged, and null deletes a key', async () => {
    const { user_id } = await stytch.users.create({
      email: 'grace@example.com',
      untrusted_metadata: { theme: 'dark', pets: { cats: 1, dogs: 2 } },
    })
    const { user } = await stytch.users.update({
      user_id,
      name: { last_name: 'Hopper' },
      external_id: 'auth0|new',
      untrusted_metadata: { theme: null, pets: { dogs: 3 } },
    })
    expect(user).toMatchObject({ name: { last_name: 'Hopper' }, external_id: 'auth0|new' })
    expect(user.untrusted_metadata).toEqual({ pets: { cats: 1, dogs: 3 } })
  })

  it('lose their external id', async () => {
    const { user } = await stytch.users.deleteExternalId({ user_id: demoUsers[0]?.subject ?? '' })
    expect(user.external_id).toBeUndefined()
  })

  it('are deleted together with their sessions', async () => {
    const { user_id } = await stytch.users.create({ email: 'grace@example.com' })
    const session = await standIn.control('POST', 'session', { email: 'grace@example.com' })
    await stytch.users.delete({ user_id })
    expect(await errorOf(stytch.users.get({ user_id }))).toEqual([404, 'user_not_found'])
    const { session_token } = session.body
    const authenticated = stytch.sessions.authenticate({ session_token })
    expect(await errorOf(authenticated)).toEqual([404, 'session_not_found'])
  })

  it('are restored by a reset with the same id', async () => {
    const user_id = demoUsers[0]?.subject ?? ''
    const before = await stytch.users.get({ user_id })
    await stytch.users.delete({ user_id })
    await standIn.control('POST', 'reset')
    const after = await stytch.users.get({ user_id })
    expect(after.user_id).toBe(before.user_id)
  })
})

describe('refuses', () => {
  it('an e-mail address that is taken, in any letter case', async () => {
    const created = stytch.users.create({ email: 'ADA@example.com' })
    expect(await errorOf(created)).toEqual([400, 'duplicate_email'])
  })

  it('an external id that is taken, and creates no user', async () => {
    const external_id = demoUsers[0]?.subject
    const created = stytch.users.create({ email: 'grace@example.com', external_id })
    expect(await errorOf(created)).toEqual([400, 'duplicate_user_external_id'])
    const { results } = await stytch.users.search({})
    expect(results).toHaveLength(1)
  })

  it.each(['samlp|acme|a@b.example', 'a b', 'a:b', 'a+b', 'x'.repeat(129)])(
    'the external id %j',
    async (external_id) => {
      const created = stytch.users.create({ email: 'grace@example.com', external_id })
      expect(await errorOf(created)).toEqual([400, 'bad_request'])
    },
  )

  it('a malformed e-mail address', async () => {
    const created = stytch.users.create({ email: 'grace' })
    expect(await errorOf(created)).toEqual([400, 'invalid_email'])
  })

  it('a wrong secret and missing credentials', async () => {
    const stranger = client(standIn.url, 'secret-test-wrong')
    const expected = [401, 'unauthorized_credentials']
    expect(await errorOf(stranger.users.get({ user_id: 'x' }))).toEqual(expected)
    const response = await fetch(`${standIn.url}/v1/users/x`)
    expect(response.status).toBe(401)
  })

  it('an unknown route', async () => {
    const error = await stytch.totps.create({ user_id: 'x' }).catch((thrown) => thrown)
    expect(error).toMatchObject({
      status_code: 404,
      error_type: 'route_not_found',
      error_url: 'https://stytch.com/docs/api/errors/404#route_not_found',
    })
    expect(error.request_id).toMatch(/^request-id-test-/)
  })
})
