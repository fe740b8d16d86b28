import { decodeJwt } from 'jose'
import { RequestError } from 'stytch'
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { errorOf, startForTests } from './fixture.ts'
import { startStytchStandIn } from './server.ts'

const standIn = await startForTests()
const { stytch, control, url } = standIn
beforeEach(() => control('POST', 'reset'))
afterAll(standIn.close)

const ada = 'ada@example.com'
const grace = 'grace@example.com'

describe('starting', () => {
  it('names the port that is taken, and the variable that moves it', async () => {
    const port = Number(new URL(url).port)
    await expect(startStytchStandIn({ port })).rejects.toThrow(
      `Port ${port} is in use; set STYTCH_STAND_IN_PORT to another one.`,
    )
  })

  it('is refused in production', async () => {
    vi.stubEnv('NODE_ENV', 'production')
    await expect(startStytchStandIn({ port: 0 })).rejects.toThrow('NODE_ENV=production')
    vi.unstubAllEnvs()
  })

  it('answers on both addresses of localhost', async () => {
    const { port } = new URL(url)
    expect((await fetch(`http://127.0.0.1:${port}/_sandbox/health`)).status).toBe(200)
  })
})

describe('the control routes', () => {
  it('log every request of the APIs without its query', async () => {
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

  it('mint a session for anybody', async () => {
    const { body } = await control('POST', 'session', { email: grace, minutes: 5 })
    const { session, user } = await stytch.sessions.authenticate({
      session_token: body.session_token,
    })
    expect(user.emails).toMatchObject([{ email: grace, verified: true }])
    const length = Date.parse(session.expires_at ?? '') - Date.parse(session.started_at ?? '')
    expect(length).toBe(5 * 60_000)
  })

  it('forge claims and headers, and remove them', async () => {
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

  it('tell what they know when asked for something else', async () => {
    const { status, body } = await control('GET', 'nonsense')
    expect(status).toBe(404)
    expect(body.error.known).toContain('PUT /_sandbox/jwks')
  })

  it('name what is wrong with a body', async () => {
    const { status, body } = await control('PUT', 'jwks', { mode: 'sometimes' })
    expect([status, body.error.code]).toEqual([400, 'invalid_input'])
    expect((await control('POST', 'session', { email: 'nobody' })).status).toBe(400)
  })

  it('refuse a page of another site', async () => {
    const headers = { origin: 'https://evil.example' }
    const response = await fetch(`${url}/_sandbox/users`, { headers })
    expect(response.status).toBe(403)
  })

  it('move the clock of everything', async () => {
    await standIn.setClock(-3600)
    const { body } = await control('POST', 'session', { email: ada })
    const iat = decodeJwt(body.session_jwt).iat ?? 0
    expect(iat).toBeLessThan(Date.now() / 1000 - 3500)
  })
})

describe('faults', () => {
  const send = () => stytch.otps.email.loginOrCreate({ email: ada })
  const path = '/v1/otps/email/login_or_create'

  it('answer in place of the API, as often as told', async () => {
    const body = { status_code: 500, error_type: 'internal_server_error' }
    await control('PUT', 'faults', [{ method: 'POST', path, status: 500, body, times: 1 }])
    expect(await errorOf(send())).toEqual([500, 'internal_server_error'])
    await send()
    const log = (await control('GET', 'requests')).body
    expect(log.map(({ status }: { status: number }) => status)).toEqual([500, 200])
  })

  it('drop the connection', async () => {
    await control('PUT', 'faults', [{ path: '/v1/*', drop: true, times: 1 }])
    await expect(send()).rejects.toBeInstanceOf(RequestError)
    expect((await control('GET', 'requests')).body).toMatchObject([{ path, status: 0 }])
    await send()
  })

  it('answer garbage', async () => {
    await control('PUT', 'faults', [{ path, status: 200, body: '<html>', times: 1 }])
    await expect(send()).rejects.toBeInstanceOf(RequestError)
  })

  it('delay the answer', async () => {
    await control('PUT', 'faults', [{ path: '/v1/sessions', delayMs: 600_000 }])
    const call = fetch(`${url}/v1/sessions`, { signal: AbortSignal.timeout(50) })
    await expect(call).rejects.toMatchObject({ name: 'TimeoutError' })
  })

  it('hold nothing back past a reset: it is dropped, does nothing and is not logged', async () => {
    await control('PUT', 'faults', [{ path, delayMs: 600_000, times: 1 }])
    const dropped = expect(errorOf(send())).rejects.toBeInstanceOf(RequestError)
    await expect.poll(async () => (await control('GET', 'faults')).body).toEqual([])
    await control('POST', 'reset')
    await dropped
    expect((await control('GET', 'inbox')).body).toEqual([])
    expect((await control('GET', 'requests')).body).toEqual([])
  })

  it('leave nothing of before in a log that was cleared', async () => {
    await control('PUT', 'faults', [{ path, delayMs: 400, times: 1 }])
    const held = send()
    await expect.poll(async () => (await control('GET', 'faults')).body).toEqual([])
    await control('DELETE', 'requests')
    await held
    expect((await control('GET', 'requests')).body).toEqual([])
    expect((await control('GET', 'inbox')).body).toHaveLength(1)
  })

  it('can be read by the page whose call they hit', async () => {
    await control('PUT', 'faults', [{ path: '/sdk/v1/users/me', status: 503, times: 1 }])
    const headers = { origin: 'http://localhost:3000' }
    await fetch(`${url}/sdk/v1/users/me`, { method: 'OPTIONS', headers })
    const response = await fetch(`${url}/sdk/v1/users/me`, { headers })
    expect(response.status).toBe(503)
    expect(response.headers.get('access-control-allow-origin')).toBe('http://localhost:3000')
  })
})

describe('the rate limits, once switched on', () => {
  it('refuse a second mail in the same second', async () => {
    await control('PUT', 'rate-limits', { enabled: true })
    const send = () => stytch.magicLinks.email.loginOrCreate({ email: ada })
    // Three calls of a few milliseconds touch at most two seconds.
    const results = await Promise.allSettled([send(), send(), send()])
    const refused = results.filter(({ status }) => status === 'rejected')
    expect(refused[0]).toMatchObject({
      reason: { status_code: 429, error_type: 'too_many_requests' },
    })
    await control('POST', 'reset')
    await Promise.all([send(), send(), send()])
  })
})

describe('the inbox page', () => {
  const page = async (path = '/') => (await fetch(`${url}${path}`)).text()

  it('says what it is, and what will be there', async () => {
    expect(await page()).toMatch(/Local stand-in[\s\S]*Nothing here yet/)
    expect(await page('/inbox')).toContain('Nothing here yet')
  })

  it('shows codes and links, newest first, and escapes what users sent', async () => {
    await stytch.otps.email.loginOrCreate({ email: '"<b>"@example.com' })
    await stytch.magicLinks.email.loginOrCreate({ email: ada })
    const text = await page()
    expect(text).toContain('&lt;b&gt;')
    expect(text).not.toContain('<b>"@')
    expect(text.indexOf('Your sign-in link')).toBeLessThan(text.indexOf('Your sign-in code'))
    expect(text).toContain((await control('GET', 'inbox')).body[0].code)
    expect(text).not.toMatch(/(src|href)="https?:\/\/(?!localhost)/)
  })

  it('is in no request log', async () => {
    await page()
    expect((await control('GET', 'requests')).body).toEqual([])
  })
})

it('serves a page for the hidden frame of the browser SDK', async () => {
  const response = await fetch(`${url}/clientside-services/index.html`)
  expect(response.headers.get('content-type')).toContain('text/html')
})
