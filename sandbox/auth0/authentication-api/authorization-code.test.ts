import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { auth0Tenant, organizations } from '../../settings.ts'
import { createBrowser } from '../browser.ts'
import {
  appBaseUrl,
  authorization,
  callback,
  headerOf,
  logIn,
  startForTests,
  tokensFor,
} from '../fixture.ts'

const standIn = await startForTests()
beforeEach(() => standIn.control('POST', 'reset'))
afterAll(standIn.close)

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

  it('gives an opaque access token without an audience, which userinfo accepts', async () => {
    const { access_token } = await tokensFor(standIn, 'ada@example.com', { audience: '' })
    expect(access_token).not.toContain('.')
    const response = await standIn.userinfo(access_token)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ sub: ada, email: 'ada@example.com' })
  })

  it('gives no refresh token without the scope offline_access', async () => {
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

  it('puts the organization into both tokens, also after a refresh', async () => {
    const organization = organizations.acme.auth0Id
    const tokens = await tokensFor(standIn, 'barbara@acme.example', { organization })
    expect(tokens.claims().org_id).toBe(organization)
    expect(tokens.idClaims().org_id).toBe(organization)
    const { body } = await standIn.refresh(tokens.refresh_token)
    const userinfo = await standIn.userinfo(body.access_token)
    expect(await userinfo.json()).toMatchObject({ org_id: organization })
  })

  it('uses the only organization of a member who names none', async () => {
    const member = await tokensFor(standIn, 'barbara@acme.example')
    expect(member.claims()).toMatchObject({ org_id: organizations.acme.auth0Id, org_name: 'acme' })
    const other = await tokensFor(standIn, 'ada@example.com')
    expect(other.claims()).not.toHaveProperty('org_id')
  })

  it.each([
    ['a member of another organization', organizations.globex.auth0Id, /is not part of/],
    ['an organization that does not exist', 'org_nobody', /organization is invalid/],
  ])('refuses a login with %s', async (_, organization, words) => {
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

  it('refuses a code the second time, and ends the tokens of the first time', async () => {
    const { code, verifier } = await logIn(standIn, 'ada@example.com')
    const first = await standIn.exchange(code, verifier)
    expect(first.status).toBe(200)
    expect((await standIn.exchange(code, verifier)).status).toBe(403)
    expect((await standIn.refresh(first.body.refresh_token)).status).toBe(403)
  })

  it("refuses a wrong client secret with Auth0's error", async () => {
    const { code, verifier } = await logIn(standIn, 'ada@example.com')
    const { status, body } = await standIn.exchange(code, verifier, { client_secret: 'wrong' })
    expect(status).toBe(401)
    expect(body).toEqual({ error: 'access_denied', error_description: 'Unauthorized' })
  })

  it('refuses a redirect URI that is not registered, and does not redirect', async () => {
    const { url } = authorization(standIn, { redirect_uri: 'https://evil.test/' })
    const page = await createBrowser().open(url)
    expect(page.status).toBe(400)
    expect(page.url).toBe(url)
  })

  it('refuses an audience that is not an API of the tenant', async () => {
    const { url } = authorization(standIn, { audience: 'https://other.example/' })
    const page = await createBrowser().open(url, callback)
    const answer = new URL(page.url).searchParams
    expect(answer.get('error')).toBe('access_denied')
    expect(answer.get('error_description')).toBe('Service not found: https://other.example/')
  })
})
