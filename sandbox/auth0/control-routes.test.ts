import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { auth0Tenant } from '../settings.ts'
import { headerOf, logIn, startForTests, tokensFor } from './fixture.ts'

const standIn = await startForTests()
beforeEach(() => standIn.control('POST', 'reset'))
afterAll(standIn.close)

const verify = (token: string) =>
  jwtVerify(token, createRemoteJWKSet(new URL(`${standIn.url}/.well-known/jwks.json`)), {
    issuer: `${standIn.url}/`,
    audience: auth0Tenant.audience,
    algorithms: ['RS256'],
  })

const mint = async (changes: object = {}) => {
  const answer = await standIn.control('POST', 'token', { email: 'ada@example.com', ...changes })
  expect(answer.status).toBe(200)
  return answer.body.access_token as string
}

describe('token', () => {
  it('gives the same token as a login', async () => {
    const real = await tokensFor(standIn, 'ada@example.com')
    const minted = await mint()
    expect(Object.keys(decodeJwt(minted)).sort()).toEqual(Object.keys(real.claims()).sort())
    const { iat, exp, ...claims } = decodeJwt(minted)
    expect(real.claims()).toMatchObject(claims)
    expect(headerOf(minted)).toEqual(headerOf(real.access_token))
    await expect(verify(minted)).resolves.toBeDefined()
    expect((await standIn.userinfo(minted)).status).toBe(200)
  })

  it('changes any claim, and removes a claim that is null', async () => {
    const claims = { iss: ['a', 'b'], aud: 'other', exp: 1, scope: null, extra: { deep: true } }
    const payload = decodeJwt(await mint({ claims }))
    expect(payload).toMatchObject({ iss: ['a', 'b'], aud: 'other', exp: 1, extra: { deep: true } })
    expect(payload).not.toHaveProperty('scope')
  })

  it('changes any header', async () => {
    const token = await mint({ header: { kid: null, jku: 'https://evil.test/' } })
    expect(headerOf(token)).toEqual({ alg: 'RS256', typ: 'JWT', jku: 'https://evil.test/' })
  })

  it('forges: unsigned, HMAC with the public key, a foreign key under the same kid', async () => {
    const unsigned = await mint({ header: { alg: 'none' } })
    expect(unsigned.split('.')).toHaveLength(3)
    expect(unsigned.endsWith('.')).toBe(true)
    const confused = await mint({ header: { alg: 'HS256' } })
    expect(Buffer.from(confused.split('.')[2] ?? '', 'base64url')).toHaveLength(32)
    const stranger = await mint({ signWith: 'stranger' })
    expect(headerOf(stranger)).toEqual(headerOf(await mint()))
    for (const token of [unsigned, confused, stranger])
      await expect(verify(token)).rejects.toThrow()
  })

  it('sets the expiry', async () => {
    await expect(verify(await mint({ expiresInSeconds: -1 }))).rejects.toThrow(/exp/)
    await expect(verify(await mint({ expiresInSeconds: 60 }))).resolves.toBeDefined()
  })

  it.each(['acme', 'org_acme000000000001'])(
    'sets the organization that is named %s',
    async (organization) => {
      const claims = decodeJwt(await mint({ organization, client: 'team' }))
      expect(claims).toMatchObject({
        org_id: 'org_acme000000000001',
        org_name: 'acme',
        azp: auth0Tenant.team.clientId,
      })
    },
  )

  it('reports an unknown organization', async () => {
    const input = { email: 'ada@example.com', organization: 'hooli' }
    expect(await standIn.control('POST', 'token', input)).toMatchObject({
      status: 404,
      body: { error: { code: 'organization_not_found' } },
    })
  })

  it('reports an unknown user and every invalid field', async () => {
    const unknown = await standIn.control('POST', 'token', { email: 'nobody@example.com' })
    expect(unknown).toMatchObject({ status: 404, body: { error: { code: 'user_not_found' } } })
    const invalid = await standIn.control('POST', 'token', { email: 1, signWith: 'both' })
    expect(invalid.status).toBe(400)
    const fields = invalid.body.error.fields.map(({ field }: { field: string }) => field)
    expect(fields).toEqual(['email', 'signWith'])
  })
})

it('id-token gives the same token as a login of the web client', async () => {
  const real = await tokensFor(standIn, 'ada@example.com')
  const { body } = await standIn.control('POST', 'id-token', { email: 'ada@example.com' })
  const { nonce, ...expected } = real.idClaims()
  expect(Object.keys(decodeJwt(body.id_token)).sort()).toEqual(Object.keys(expected).sort())
  expect(decodeJwt(body.id_token).aud).toBe(auth0Tenant.web.clientId)
})

it('refresh-token gives the same tokens as a login', async () => {
  const { body } = await standIn.control('POST', 'refresh-token', {
    email: 'dorothy@globex.example',
    organization: 'globex',
  })
  expect(body.expires_in).toBe(86_400)
  expect((await standIn.userinfo(body.access_token)).status).toBe(200)
  const refreshed = await standIn.refresh(body.refresh_token)
  expect(refreshed.status).toBe(200)
  expect(decodeJwt(refreshed.body.access_token)).toMatchObject({
    sub: 'auth0|6501a0000000000000000006',
    org_id: 'org_globex0000000001',
  })
  expect((await standIn.refresh(body.refresh_token)).status).toBe(403)
})

describe('jwks', () => {
  const keys = async () => {
    const response = await fetch(`${standIn.url}/.well-known/jwks.json`)
    return { status: response.status, body: await response.json() }
  }

  it('publishes only the public key', async () => {
    const { body } = await keys()
    expect(Object.keys(body.keys[0]).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use'])
  })

  it('rotates: old tokens fail, new tokens and old refresh tokens work, a reset restores the first key', async () => {
    const before = await mint()
    const { refresh_token } = await tokensFor(standIn, 'ada@example.com')
    const first = await keys()
    await standIn.control('PUT', 'jwks', { mode: 'rotate' })
    const second = await keys()
    expect(second.body.keys).toHaveLength(1)
    expect(second.body.keys[0].kid).not.toBe(first.body.keys[0].kid)
    await expect(verify(before)).rejects.toThrow()
    await expect(verify(await mint())).resolves.toBeDefined()
    const refreshed = await standIn.refresh(refresh_token)
    await expect(verify(refreshed.body.access_token)).resolves.toBeDefined()
    await standIn.control('POST', 'reset')
    expect(await keys()).toEqual(first)
    await expect(verify(before)).resolves.toBeDefined()
  })

  it('is empty, fails or is slow', async () => {
    await standIn.control('PUT', 'jwks', { mode: 'empty' })
    expect((await keys()).body).toEqual({ keys: [] })
    await standIn.control('PUT', 'jwks', { mode: 'error' })
    expect((await keys()).status).toBe(503)
    await standIn.control('PUT', 'jwks', { mode: 'slow' })
    const signal = AbortSignal.timeout(50)
    await expect(fetch(`${standIn.url}/.well-known/jwks.json`, { signal })).rejects.toThrow()
    await standIn.control('PUT', 'jwks', { mode: 'normal' })
    expect((await keys()).body.keys).toHaveLength(1)
  })
})

describe('clock', () => {
  it('moves the time of new tokens and of expiry', async () => {
    const { access_token, refresh_token } = await tokensFor(standIn, 'ada@example.com')
    await standIn.control('PUT', 'clock', { offsetSeconds: 86_401 })
    expect((await standIn.userinfo(access_token)).status).toBe(401)
    const { body } = await standIn.refresh(refresh_token)
    const moved = Number(decodeJwt(body.access_token).iat) - Date.now() / 1000
    expect(moved).toBeGreaterThan(86_390)
    expect(decodeJwt(await mint()).iat).toBeGreaterThan(Date.now() / 1000 + 86_390)
    await standIn.control('PUT', 'clock', { offsetSeconds: 0 })
    expect((await standIn.userinfo(access_token)).status).toBe(200)
  })

  it('does not move the time outside of the stand-in', async () => {
    await standIn.control('PUT', 'clock', { offsetSeconds: 1_000_000 })
    expect(Math.abs(Date.now() - performance.timeOrigin - performance.now())).toBeLessThan(10_000)
  })
})

it('tenant sets the lifetime of access tokens', async () => {
  await standIn.control('PUT', 'tenant', { accessTokenSeconds: 60 })
  const tokens = await tokensFor(standIn, 'ada@example.com')
  expect(tokens.expires_in).toBe(60)
  expect(Number(tokens.claims().exp) - Number(tokens.claims().iat)).toBe(60)
  const opaque = await tokensFor(standIn, 'ada@example.com', { audience: '' })
  expect(opaque.expires_in).toBe(60)
  expect((await standIn.control('GET', 'tenant')).body).toMatchObject({
    accessTokenSeconds: 60,
    rotationOverlapSeconds: 0,
    passwordPolicy: 'low',
  })
})

describe('requests', () => {
  it('list method, path and status, and no query string', async () => {
    await logIn(standIn, 'ada@example.com')
    const { body } = await standIn.control('GET', 'requests')
    expect(body[0]).toEqual({
      at: expect.stringMatching(/^\d{4}-/),
      method: 'GET',
      path: '/authorize',
      status: 303,
    })
    expect(JSON.stringify(body)).not.toMatch(/code|\?|ada@/)
    expect((await standIn.control('DELETE', 'requests')).body).toEqual([])
    expect((await standIn.control('GET', 'requests')).body).toEqual([])
  })
})

describe('reset', () => {
  it('restores the seed data and deletes everything else', async () => {
    const { refresh_token } = await tokensFor(standIn, 'ada@example.com')
    const { browser } = await logIn(standIn, 'grace@example.com')
    await standIn.form('/dbconnections/change_password', {
      email: 'ada@example.com',
      connection: auth0Tenant.connection,
    })
    await standIn.control('PUT', 'clock', { offsetSeconds: 5 })
    await standIn.control('PUT', 'tenant', { accessTokenSeconds: 5 })
    expect((await standIn.control('POST', 'reset')).status).toBe(200)
    for (const list of ['requests', 'inbox', 'faults']) {
      expect((await standIn.control('GET', list)).body).toEqual([])
    }
    expect((await standIn.control('GET', 'clock')).body).toEqual({ offsetSeconds: 0 })
    expect((await standIn.control('GET', 'tenant')).body.accessTokenSeconds).toBe(86_400)
    expect((await standIn.refresh(refresh_token)).status).toBe(403)
    const parameters = { prompt: 'none' }
    expect((await logIn(standIn, 'grace@example.com', { browser, parameters })).code).toBe('')
  })
})

describe('the control routes', () => {
  it('refuse a page of another site', async () => {
    const response = await fetch(`${standIn.url}/_sandbox/token`, {
      method: 'POST',
      headers: { origin: 'https://evil.test' },
      body: JSON.stringify({ email: 'ada@example.com' }),
    })
    expect(response.status).toBe(403)
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  })

  it('list the known routes in the response to an unknown one', async () => {
    const { status, body } = await standIn.control('GET', 'nothing')
    expect(status).toBe(404)
    expect(body.error.known).toContain('POST /_sandbox/token')
    expect(body.error.known).toContain('PUT /_sandbox/clock')
  })
})
