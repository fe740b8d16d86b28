import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { errorOf, serve, startForTests } from '../fixture.ts'

/** The next response of the userinfo endpoint. */
let answer: { status?: number; body: string }
let seen: { method?: string; authorization?: string }[] = []

const userinfo = await serve((request, response) => {
  seen.push({ method: request.method, authorization: request.headers.authorization })
  response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' })
  response.end(answer.body)
})
const standIn = await startForTests({ userinfoUrl: `${userinfo.url}/userinfo` })
const { stytch } = standIn

beforeEach(() => {
  answer = { body: JSON.stringify({ sub: 'auth0|1', email: 'Ada@Example.com' }) }
  seen = []
})
afterEach(() => standIn.control('POST', 'reset'))
afterAll(async () => {
  await standIn.close()
  await userinfo.close()
})

const migrate = (options = {}) =>
  stytch.sessions.migrate({
    session_token: 'legacy-token',
    session_duration_minutes: 60,
    ...options,
  })

describe('migrating a session', () => {
  it('sends the token to userinfo once, and finds the user by e-mail address in any letter case', async () => {
    const { user, user_id, session, session_token, session_jwt } = await migrate({
      session_custom_claims: { from: 'auth0' },
    })
    expect(seen).toEqual([{ method: 'GET', authorization: 'Bearer legacy-token' }])
    expect(user).toMatchObject({ user_id, emails: [{ email: 'ada@example.com' }] })
    expect(session?.authentication_factors).toMatchObject([
      { type: 'imported', delivery_method: 'imported_auth0' },
    ])
    const authenticated = await stytch.sessions.authenticate({ session_token })
    expect(authenticated.session.session_id).toBe(session?.session_id)
    const local = await stytch.sessions.authenticateJwtLocal({ session_jwt })
    expect(local.custom_claims).toEqual({ from: 'auth0' })
  })

  it('returns the user but starts no session without session_duration_minutes', async () => {
    const migrated = await migrate({ session_duration_minutes: undefined })
    expect(migrated).toMatchObject({ session_token: '', session_jwt: '' })
    expect(migrated.user_id).toMatch(/^user-test-/)
    expect(migrated.session).toBeUndefined()
  })

  it('finds a user who was created just before', async () => {
    answer = { body: JSON.stringify({ email: 'grace@example.com' }) }
    const unknown = [404, 'migrate_from_external_email_does_not_exist']
    expect(await errorOf(migrate())).toEqual(unknown)
    const { user_id } = await stytch.users.create({ email: 'grace@example.com' })
    expect(await migrate()).toMatchObject({ user_id })
  })
})

describe('refuses', () => {
  const unexpected = [400, 'migrate_from_external_unexpected_response']

  it.each([
    ['an error', { status: 401, body: '{"error":"unauthorized"}' }],
    ['text that is not JSON', { body: '<html>' }],
    ['JSON that is not an object', { body: 'null' }],
    ['no e-mail address', { body: '{"sub":"auth0|1"}' }],
    ['an e-mail address that is not a string', { body: '{"email":["ada@example.com"]}' }],
  ])('a userinfo endpoint that answers %s', async (_name, next) => {
    answer = next
    expect(await errorOf(migrate())).toEqual(unexpected)
  })

  it('a userinfo endpoint that cannot be reached, or is not configured', async () => {
    const closed = await serve(() => undefined)
    await closed.close()
    standIn.project.userinfoUrl = closed.url
    expect(await errorOf(migrate())).toEqual(unexpected)
    standIn.project.userinfoUrl = null
    expect(await errorOf(migrate())).toEqual([400, 'migrate_from_external_missing_userinfo'])
    standIn.project.userinfoUrl = `${userinfo.url}/userinfo`
  })

  it.each([4, 527_041])('a duration of %d minutes, before it calls userinfo', async (minutes) => {
    const call = migrate({ session_duration_minutes: minutes })
    expect(await errorOf(call)).toEqual([400, 'invalid_session_duration_minutes'])
    expect(seen).toEqual([])
  })
})
