import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { auth0Tenant } from '../settings.ts'
import { startForTests } from './fixture.ts'

const standIn = await startForTests()
beforeEach(() => standIn.control('POST', 'reset'))
afterAll(standIn.close)

describe('faults', () => {
  const discover = (init?: RequestInit) =>
    fetch(`${standIn.url}/.well-known/openid-configuration`, init)

  it('answer with a status and a body, for the given number of requests', async () => {
    await standIn.control('PUT', 'faults', [
      { path: '/.well-known/*', status: 500, body: { error: 'x' }, times: 2 },
    ])
    for (const _ of [1, 2]) {
      const response = await discover()
      expect(response.status).toBe(500)
      expect(await response.json()).toEqual({ error: 'x' })
    }
    expect((await discover()).status).toBe(200)
    expect((await standIn.control('GET', 'faults')).body).toEqual([])
  })

  it('send a text body as it is, until they are cleared', async () => {
    await standIn.control('PUT', 'faults', [{ path: '/.well-known/*', body: '<html>' }])
    for (const _ of [1, 2, 3]) expect(await (await discover()).text()).toBe('<html>')
    await standIn.control('DELETE', 'faults')
    expect((await discover()).status).toBe(200)
    expect((await discover()).headers.get('content-type')).toContain('json')
  })

  it('drop the connection', async () => {
    await standIn.control('PUT', 'faults', [{ path: '*', drop: true }])
    await expect(discover()).rejects.toThrow()
    const { body } = await standIn.control('GET', 'requests')
    expect(body.at(-1)).toMatchObject({ path: '/.well-known/openid-configuration', status: 0 })
  })

  it('delay the real response', async () => {
    await standIn.control('PUT', 'faults', [{ path: '/.well-known/*', delayMs: 60_000, times: 1 }])
    await expect(discover({ signal: AbortSignal.timeout(50) })).rejects.toThrow()
    await standIn.control('PUT', 'faults', [{ path: '/.well-known/*', delayMs: 1 }])
    expect((await discover()).status).toBe(200)
  })

  it('end with a reset: a delayed request is dropped, changes nothing and is not logged', async () => {
    const path = '/dbconnections/change_password'
    await standIn.control('PUT', 'faults', [{ path, delayMs: 600_000, times: 1 }])
    const held = fetch(`${standIn.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        client_id: auth0Tenant.web.clientId,
        email: 'ada@example.com',
        connection: auth0Tenant.connection,
      }),
    })
    const dropped = expect(held).rejects.toThrow()
    await expect.poll(async () => (await standIn.control('GET', 'faults')).body).toEqual([])
    await standIn.control('POST', 'reset')
    await dropped
    expect((await standIn.control('GET', 'inbox')).body).toEqual([])
    expect((await standIn.control('GET', 'requests')).body).toEqual([])
  })

  it('hit only requests with their method', async () => {
    await standIn.control('PUT', 'faults', [{ method: 'post', path: '/oauth/token', status: 503 }])
    expect((await standIn.machineToken()).status).toBe(503)
    expect((await fetch(`${standIn.url}/oauth/token`)).status).not.toBe(503)
  })

  it('are refused with a list of the invalid fields', async () => {
    const { status, body } = await standIn.control('PUT', 'faults', [
      { path: 'token' },
      { path: '/a', status: 42, typo: 1 },
    ])
    expect(status).toBe(400)
    expect(body.error.message).toMatch(/0\.path: .*1\.status: .*typo/)
    const broken = await fetch(`${standIn.url}/_sandbox/faults`, { method: 'PUT', body: '{' })
    expect(broken.status).toBe(400)
    expect(await broken.json()).toMatchObject({ error: { code: 'invalid_json' } })
  })
})
