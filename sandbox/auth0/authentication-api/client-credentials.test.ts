import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { auth0Tenant } from '../../settings.ts'
import { startForTests } from '../fixture.ts'

const standIn = await startForTests()
beforeEach(() => standIn.control('POST', 'reset'))
afterAll(standIn.close)

describe('client credentials', () => {
  it('grant all scopes to a request without a scope, as a form or as JSON', async () => {
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

  it('give a token for the API without claims about a user', async () => {
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

  it('are refused for the web client, and with a malformed body', async () => {
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
