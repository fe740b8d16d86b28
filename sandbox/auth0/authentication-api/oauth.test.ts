import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { auth0Tenant, organizations } from '../../settings.ts'
import { createBrowser } from '../browser.ts'
import {
  appBaseUrl,
  authorization,
  callback,
  headerOf,
  logIn,
  type StandIn,
  startForTests,
  tokensFor,
} from '../fixture.ts'

let standIn: StandIn
beforeAll(async () => {
  standIn = await startForTests()
})
afterEach(async () => {
  await standIn.control('POST', 'reset')
})
afterAll(() => standIn.close())

const ada = 'auth0|6501a0000000000000000001'

describe('a login with code and PKCE', () => {
  it("gives an access token with Auth0's header and claims", async () => {
    const tokens = await tokensFor(standIn, 'ada@example.com')
    expect(headerOf(tokens.access_token)).toEqual({
      alg: 'RS256',
      typ: 'JWT',
      kid: expect.any(String),
    })
    const claims = tokens.claims()
    expect(claims).toEqual({
      iss: `${standIn.url}/`,
      sub: ada,
      aud: [auth0Tenant.audience, `${standIn.url}/userinfo`],
      azp: auth0Tenant.web.clientId,
      scope: 'openid profile email offline_access',
      iat: expect.any(Number),
      exp: Number(claims.iat) + 86_400,
    })
    expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 86_400 })
  })

  it('gives an ID token with the profile, the nonce and the session id', async () => {
    const { idClaims } = await tokensFor(standIn, 'alan@example.com')
    expect(idClaims()).toMatchObject({
      iss: `${standIn.url}/`,
      aud: auth0Tenant.web.clientId,
      sub: 'auth0|6501a0000000000000000003',
      email: 'alan@example.com',
      email_verified: false,
      name: 'Alan Turing',
      nickname: 'alan',
      nonce: 'some-nonce',
      sid: expect.any(String),
    })
  })

  it('gives an opaque access token without an audience, good for userinfo', async () => {
    const { access_token } = await tokensFor(standIn, 'ada@example.com', { audience: '' })
    expect(access_token).not.toContain('.')
    const response = await standIn.userinfo(access_token)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ sub: ada, email: 'ada@example.com' })
  })

  it('gives no refresh token unless offline_access was asked for', async () => {
    const tokens = await tokensFor(standIn, 'ada@example.com', { scope: 'openid email' })
    expect(tokens.refresh_token).toBeUndefined()
    expect(tokens.scope).toBe('openid email')
    const response = await standIn.userinfo(tokens.access_token)
    expect(await response.json()).toEqual({
      sub: ada,
      email: 'ada@example.com',
      email_verified: true,
    })
  })

  it('puts the organization into both tokens, and keeps it on refresh', async () => {
    const organization = organizations.acme.auth0Id
    const tokens = await tokensFor(standIn, 'barbara@acme.example', { organization })
    expect(tokens.claims().org_id).toBe(organization)
    expect(tokens.idClaims().org_id).toBe(organization)
    const { body } = await standIn.refresh(tokens.refresh_token)
    const userinfo = await standIn.userinfo(body.access_token)
    expect(await userinfo.json()).toMatchObject({ org_id: organization })
  })

  it('takes the organization of a member who names none, and none for anybody else', async () => {
    const member = await tokensFor(standIn, 'barbara@acme.example')
    expect(member.claims()).toMatchObject({ org_id: organizations.acme.auth0Id, org_name: 'acme' })
    const other = await tokensFor(standIn, 'ada@example.com')
    expect(other.claims()).not.toHaveProperty('org_id')
  })

  it.each([
    ['somebody of another organization', organizations.globex.auth0Id, /is not part of/],
    ['an organization that does not exist', 'org_nobody', /organization is invalid/],
  ])('refuses %s', async (_, organization, words) => {
    const { error, code } = await logIn(standIn, 'barbara@acme.example', {
      parameters: { organization },
    })
    expect(error).toMatch(words)
    expect(code).toBe('')
  })

  it.each([
    ['a wrong verifier', { code_verifier: 'x'.repeat(43) }],
    ['no verifier', { code_verifier: '' }],
    ['another redirect URI', { redirect_uri: `${appBaseUrl}/` }],
  ])('refuses the code with %s', async (_, fields) => {
    const { code, verifier } = await logIn(standIn, 'ada@example.com')
    const { status, body } = await standIn.exchange(code, verifier, fields)
    expect([400, 403]).toContain(status)
    expect(body.access_token).toBeUndefined()
  })

  it('refuses a code the second time, and ends what the first time gave', async () => {
    const { code, verifier } = await logIn(standIn, 'ada@example.com')
    const first = await standIn.exchange(code, verifier)
    expect(first.status).toBe(200)
    expect((await standIn.exchange(code, verifier)).status).toBe(403)
    expect((await standIn.refresh(first.body.refresh_token)).status).toBe(403)
  })

  it('refuses a wrong client secret in the words of Auth0', async () => {
    const { code, verifier } = await logIn(standIn, 'ada@example.com')
    const { status, body } = await standIn.exchange(code, verifier, { client_secret: 'wrong' })
    expect(status).toBe(401)
    expect(body).toEqual({ error: 'access_denied', error_description: 'Unauthorized' })
  })

  it('refuses a redirect URI that is not registered, without redirecting', async () => {
    const { url } = authorization(standIn, { redirect_uri: 'https://evil.test/' })
    const page = await createBrowser().open(url)
    expect(page.status).toBe(400)
    expect(page.url).toBe(url)
  })

  it('refuses an audience that is no API of the tenant', async () => {
    const { url } = authorization(standIn, { audience: 'https://other.example/' })
    const page = await createBrowser().open(url, callback)
    const answer = new URL(page.url).searchParams
    expect(answer.get('error')).toBe('access_denied')
    expect(answer.get('error_description')).toBe('Service not found: https://other.example/')
  })
})

describe('refresh tokens', () => {
  it('rotate, and the new access token works at userinfo like the old one', async () => {
    const first = await tokensFor(standIn, 'ada@example.com')
    expect((await standIn.userinfo(first.access_token)).status).toBe(200)
    const { status, body } = await standIn.refresh(first.refresh_token)
    expect(status).toBe(200)
    expect(body.refresh_token).not.toBe(first.refresh_token)
    expect(body.id_token).toEqual(expect.any(String))
    expect((await standIn.userinfo(body.access_token)).status).toBe(200)
    expect((await standIn.refresh(body.refresh_token)).status).toBe(200)
  })

  it('end the whole family when one is used twice', async () => {
    const first = await tokensFor(standIn, 'ada@example.com')
    const second = await standIn.refresh(first.refresh_token)
    const reused = await standIn.refresh(first.refresh_token)
    expect(reused.status).toBe(403)
    expect(reused.body).toEqual({
      error: 'invalid_grant',
      error_description: 'Unknown or invalid refresh token.',
    })
    expect((await standIn.refresh(second.body.refresh_token)).status).toBe(403)
  })

  it('leave the families of other logins alone', async () => {
    const phone = await tokensFor(standIn, 'ada@example.com')
    const laptop = await tokensFor(standIn, 'ada@example.com')
    await standIn.refresh(phone.refresh_token)
    await standIn.refresh(phone.refresh_token)
    expect((await standIn.refresh(laptop.refresh_token)).status).toBe(200)
  })

  it('may be used again within the overlap period, not after it', async () => {
    await standIn.control('PUT', 'tenant', { rotationOverlapSeconds: 30 })
    const { refresh_token } = await tokensFor(standIn, 'ada@example.com')
    expect((await standIn.refresh(refresh_token)).status).toBe(200)
    expect((await standIn.refresh(refresh_token)).status).toBe(200)
    await standIn.control('PUT', 'clock', { offsetSeconds: 20 })
    expect((await standIn.refresh(refresh_token)).status).toBe(200)
    await standIn.control('PUT', 'clock', { offsetSeconds: 31 })
    expect((await standIn.refresh(refresh_token)).status).toBe(403)
  })

  it('are ended by revocation', async () => {
    const { refresh_token } = await tokensFor(standIn, 'ada@example.com')
    expect((await standIn.revoke(refresh_token)).status).toBe(200)
    expect((await standIn.refresh(refresh_token)).status).toBe(403)
  })

  it('expire thirty days after the login, rotated or not', async () => {
    const first = await tokensFor(standIn, 'ada@example.com')
    await standIn.control('PUT', 'clock', { offsetSeconds: 20 * 86_400 })
    const second = await standIn.refresh(first.refresh_token)
    expect(second.status).toBe(200)
    await standIn.control('PUT', 'clock', { offsetSeconds: 31 * 86_400 })
    expect((await standIn.refresh(second.body.refresh_token)).status).toBe(403)
  })
})

describe('userinfo', () => {
  it.each([
    ['an expired token', { expiresInSeconds: -1 }],
    ["a stranger's signature", { signWith: 'stranger' }],
    ['an unsigned token', { header: { alg: 'none' } }],
    ['the public key as an HMAC secret', { header: { alg: 'HS256' } }],
    ['a token without the userinfo audience', { claims: { aud: auth0Tenant.audience } }],
    ['a token without openid', { claims: { scope: 'email' } }],
    ['a user who does not exist', { claims: { sub: 'auth0|nobody' } }],
  ])('refuses %s', async (_, changes) => {
    const { body } = await standIn.control('POST', 'token', {
      email: 'ada@example.com',
      ...changes,
    })
    const response = await standIn.userinfo(body.access_token)
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toContain('Bearer')
  })

  it('refuses a machine-to-machine token and an ID token', async () => {
    const { body: machine } = await standIn.machineToken()
    const { id_token } = await tokensFor(standIn, 'ada@example.com')
    expect((await standIn.userinfo(machine.access_token)).status).toBe(401)
    expect((await standIn.userinfo(id_token)).status).toBe(401)
  })
})

describe('client credentials', () => {
  it('grant all scopes when none is asked for, from a form or from JSON', async () => {
    const { body } = await standIn.machineToken()
    expect(body.scope).toContain('create:users')
    const response = await fetch(`${standIn.url}/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        grant_type: 'client_credentials',
        client_id: auth0Tenant.management.clientId,
        client_secret: auth0Tenant.management.clientSecret,
        audience: `${standIn.url}/api/v2/`,
      }),
    })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ scope: body.scope, token_type: 'Bearer' })
  })

  it('give a token for the API that names no person', async () => {
    const { body } = await standIn.machineToken({ audience: auth0Tenant.audience })
    const answer = await standIn.control('POST', 'machine-token')
    for (const token of [body.access_token, answer.body.access_token]) {
      const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
      expect(claims).toEqual({
        iss: `${standIn.url}/`,
        sub: `${auth0Tenant.management.clientId}@clients`,
        aud: auth0Tenant.audience,
        azp: auth0Tenant.management.clientId,
        gty: 'client-credentials',
        iat: expect.any(Number),
        exp: claims.iat + 86_400,
      })
    }
  })

  it('are not for the web client, and not for a body that is no JSON', async () => {
    const { clientId: client_id, clientSecret: client_secret } = auth0Tenant.web
    expect((await standIn.machineToken({ client_id, client_secret })).status).toBe(400)
    const response = await fetch(`${standIn.url}/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{',
    })
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(response.status).toBeLessThan(500)
  })
})
