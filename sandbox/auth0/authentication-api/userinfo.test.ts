import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { auth0Tenant } from '../../settings.ts'
import { startForTests, tokensFor } from '../fixture.ts'

const standIn = await startForTests()
beforeEach(() => standIn.control('POST', 'reset'))
afterAll(standIn.close)

describe('userinfo', () => {
  it.each([
    ['an expired token', { expiresInSeconds: -1 }],
    ["a stranger's signature", { signWith: 'stranger' }],
    ['an unsigned token', { header: { alg: 'none' } }],
    ['the public key as an HMAC secret', { header: { alg: 'HS256' } }],
    ['a token without the userinfo audience', { claims: { aud: auth0Tenant.audience } }],
    ['a token without openid', { claims: { scope: 'email' } }],
    ['an unknown user', { claims: { sub: 'auth0|nobody' } }],
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
