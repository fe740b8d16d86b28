import { afterAll, describe, expect, it } from 'vitest'
import { startForTests } from '../fixture.ts'

const standIn = await startForTests()
const response = await fetch(`${standIn.url}/.well-known/openid-configuration`)
const document: Record<string, unknown> = await response.json()
afterAll(standIn.close)

describe('the discovery document', () => {
  it('lists only endpoints that the stand-in plays', async () => {
    const endpoints = Object.entries(document).filter(([name]) => name.endsWith('_endpoint'))
    expect(Object.fromEntries(endpoints)).toEqual({
      authorization_endpoint: `${standIn.url}/authorize`,
      end_session_endpoint: `${standIn.url}/oidc/logout`,
      revocation_endpoint: `${standIn.url}/oauth/revoke`,
      token_endpoint: `${standIn.url}/oauth/token`,
      userinfo_endpoint: `${standIn.url}/userinfo`,
    })
  })

  it('offers neither pushed authorization requests nor DPoP, and has no endpoint for the first', async () => {
    expect(JSON.stringify(document)).not.toMatch(/pushed|dpop/i)
    for (const path of ['/request', '/oauth/par']) {
      expect((await standIn.form(path, {})).status).toBe(404)
    }
  })

  it('offers only the client authentication that its clients use', () => {
    expect(document.token_endpoint_auth_methods_supported).toEqual(['client_secret_post'])
    expect(document).not.toHaveProperty('token_endpoint_auth_signing_alg_values_supported')
  })
})
