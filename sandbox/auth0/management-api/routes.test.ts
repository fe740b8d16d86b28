import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { managementClient, startForTests, tokensFor } from '../fixture.ts'

const standIn = await startForTests()
let management: ReturnType<typeof managementClient>
beforeEach(async () => {
  await standIn.control('POST', 'reset')
  management = managementClient(standIn)
})
afterAll(standIn.close)

const ada = 'auth0|6501a0000000000000000001'

describe('authorization', () => {
  const call = (token: string | null) =>
    fetch(`${standIn.url}/api/v2/users/${encodeURIComponent(ada)}`, {
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
    })

  it('refuses a request without a token, a forged token and a token for another audience', async () => {
    const audience = `${standIn.url}/api/v2/`
    const forged = await standIn.control('POST', 'machine-token', {
      audience,
      signWith: 'stranger',
    })
    const other = await standIn.control('POST', 'machine-token')
    for (const token of [null, 'x', forged.body.access_token, other.body.access_token]) {
      const response = await call(token)
      expect(response.status).toBe(401)
      expect(await response.json()).toMatchObject({ statusCode: 401, error: 'Unauthorized' })
    }
  })

  it('refuses a token without the scope, also the token of a user for this audience', async () => {
    const { body } = await standIn.machineToken({ scope: 'create:users' })
    expect(body.scope).toBe('create:users')
    const user = await tokensFor(standIn, 'ada@example.com', { audience: `${standIn.url}/api/v2/` })
    for (const token of [body.access_token, user.access_token]) {
      const response = await call(token)
      expect(response.status).toBe(403)
      expect(await response.json()).toEqual({
        statusCode: 403,
        error: 'Forbidden',
        message: 'Insufficient scope, expected any of: read:users',
        errorCode: 'insufficient_scope',
      })
    }
  })

  it('answers 404 for an unknown route, and 400 for a malformed path', async () => {
    await expect(management.roles.get('rol_1')).rejects.toMatchObject({ statusCode: 404 })
    const response = await fetch(`${standIn.url}/api/v2/users/%E0%A4%A`)
    expect(response.status).toBe(400)
  })
})

it('the SDK recognizes a fault with status 429 as a rate limit', async () => {
  await standIn.control('PUT', 'faults', [{ path: '/api/v2/*', status: 429, times: 1 }])
  await expect(management.users.get(ada)).rejects.toMatchObject({
    name: 'TooManyRequestsError',
    statusCode: 429,
    body: { errorCode: 'too_many_requests' },
  })
  expect(await management.users.get(ada)).toMatchObject({ user_id: ada })
})
