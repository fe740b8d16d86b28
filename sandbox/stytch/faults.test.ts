import { RequestError } from 'stytch'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { errorOf, startForTests } from './fixture.ts'

const standIn = await startForTests()
const { stytch, control, url } = standIn
beforeEach(() => control('POST', 'reset'))
afterAll(standIn.close)

const ada = 'ada@example.com'

describe('faults', () => {
  const send = () => stytch.otps.email.loginOrCreate({ email: ada })
  const path = '/v1/otps/email/login_or_create'

  it('answer in place of the API, for the given number of requests', async () => {
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

  it('lose the response of a request that takes effect', async () => {
    await control('PUT', 'faults', [{ path: '/v1/users', loseResponse: true, times: 1 }])
    const external_id = 'auth0|lost'
    const created = stytch.users.create({ email: 'lost@example.com', external_id })
    await expect(created).rejects.toBeInstanceOf(RequestError)
    const { emails } = await stytch.users.get({ user_id: external_id })
    expect(emails).toMatchObject([{ email: 'lost@example.com' }])
    expect((await control('GET', 'requests')).body).toMatchObject([
      { path: '/v1/users', status: 0 },
      { status: 200 },
    ])
  })

  it('answer with a body that is not JSON', async () => {
    await control('PUT', 'faults', [{ path, status: 200, body: '<html>', times: 1 }])
    await expect(send()).rejects.toBeInstanceOf(RequestError)
  })

  it('delay the response', async () => {
    await control('PUT', 'faults', [{ path: '/v1/sessions', delayMs: 600_000 }])
    const call = fetch(`${url}/v1/sessions`, { signal: AbortSignal.timeout(50) })
    await expect(call).rejects.toMatchObject({ name: 'TimeoutError' })
  })

  it('end with a reset: a delayed request is dropped, changes nothing and is not logged', async () => {
    await control('PUT', 'faults', [{ path, delayMs: 600_000, times: 1 }])
    const dropped = expect(errorOf(send())).rejects.toBeInstanceOf(RequestError)
    await expect.poll(async () => (await control('GET', 'faults')).body).toEqual([])
    await control('POST', 'reset')
    await dropped
    expect((await control('GET', 'inbox')).body).toEqual([])
    expect((await control('GET', 'requests')).body).toEqual([])
  })

  it('do not log a request that arrived before the log was cleared', async () => {
    await control('PUT', 'faults', [{ path, delayMs: 400, times: 1 }])
    const held = send()
    await expect.poll(async () => (await control('GET', 'faults')).body).toEqual([])
    await control('DELETE', 'requests')
    await held
    expect((await control('GET', 'requests')).body).toEqual([])
    expect((await control('GET', 'inbox')).body).toHaveLength(1)
  })

  it('send CORS headers, so that a page can read the response', async () => {
    await control('PUT', 'faults', [{ path: '/sdk/v1/users/me', status: 503, times: 1 }])
    const headers = { origin: 'http://localhost:3000' }
    await fetch(`${url}/sdk/v1/users/me`, { method: 'OPTIONS', headers })
    const response = await fetch(`${url}/sdk/v1/users/me`, { headers })
    expect(response.status).toBe(503)
    expect(response.headers.get('access-control-allow-origin')).toBe('http://localhost:3000')
  })
})
