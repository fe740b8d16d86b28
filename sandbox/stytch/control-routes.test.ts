import { decodeJwt } from 'jose'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { errorOf, startForTests } from './fixture.ts'

const standIn = await startForTests()
const { stytch, control, url } = standIn
beforeEach(() => control('POST', 'reset'))
afterAll(standIn.close)

const ada = 'ada@example.com'
const grace = 'grace@example.com'

describe('the control routes', () => {
  it('list every request of the APIs without its query string', async () => {
    await stytch.otps.email.loginOrCreate({ email: ada })
    await errorOf(stytch.sessions.get({ user_id: 'unknown' }))
    const { body } = await control('GET', 'requests')
    expect(body).toMatchObject([
      { method: 'POST', path: '/v1/otps/email/login_or_create', status: 200 },
      { method: 'GET', path: '/v1/sessions', status: 404 },
    ])
    await control('DELETE', 'requests')
    expect((await control('GET', 'requests')).body).toEqual([])
  })

  it('open a session for any address', async () => {
    const { body } = await control('POST', 'session', { email: grace, minutes: 5 })
    const { session, user } = await stytch.sessions.authenticate({
      session_token: body.session_token,
    })
    expect(user.emails).toMatchObject([{ email: grace, verified: true }])
    const length = Date.parse(session.expires_at ?? '') - Date.parse(session.started_at ?? '')
    expect(length).toBe(5 * 60_000)
  })

  it('change and remove claims and headers of a session JWT', async () => {
    const { body } = await control('POST', 'session', {
      email: ada,
      claims: { iss: ['a', 'b'], sub: null, extra: 1 },
      header: { kid: null },
    })
    const claims = decodeJwt(body.session_jwt)
    expect(claims).toMatchObject({ iss: ['a', 'b'], extra: 1 })
    expect(claims).not.toHaveProperty('sub')
    const [header = ''] = body.session_jwt.split('.')
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
      alg: 'RS256',
      typ: 'JWT',
    })
  })

  it('list the users', async () => {
    await control('POST', 'session', { email: ada })
    expect((await control('GET', 'users')).body).toEqual([
      {
        id: expect.stringMatching(/^user-test-/),
        email: ada,
        external_id: 'auth0|6501a0000000000000000001',
        sessions: 1,
      },
    ])
  })

  it('list the known routes in the response to an unknown one', async () => {
    const { status, body } = await control('GET', 'nonsense')
    expect(status).toBe(404)
    expect(body.error.known).toContain('PUT /_sandbox/jwks')
  })

  it('refuse a body with an invalid field', async () => {
    const { status, body } = await control('PUT', 'jwks', { mode: 'sometimes' })
    expect([status, body.error.code]).toEqual([400, 'invalid_input'])
    expect((await control('POST', 'session', { email: 'nobody' })).status).toBe(400)
  })

  it('refuse a page of another site', async () => {
    const headers = { origin: 'https://evil.example' }
    const response = await fetch(`${url}/_sandbox/users`, { headers })
    expect(response.status).toBe(403)
  })

  it('move the time of new tokens', async () => {
    await standIn.setClock(-3600)
    const { body } = await control('POST', 'session', { email: ada })
    const iat = decodeJwt(body.session_jwt).iat ?? 0
    expect(iat).toBeLessThan(Date.now() / 1000 - 3500)
  })
})
