import { urls } from '../../../sandbox/settings.ts'
import { ask } from '../../steps/request.ts'
import { expect, test } from '../../world/test.ts'
import { shapes, stytchShape } from './attack.ts'

// With zero downtime, the app would also carry over a token that it wrongly accepts.
test.use({ policy: 'zero-downtime' })

for (const shape of shapes) {
  test(`accepts a genuine ${shape.name} token, as Bearer and as cookie`, async () => {
    const token = await shape.forge({ claims: { 'https://example.com/extra': true } })
    for (const credentials of [{ bearer: token }, { cookies: await shape.asCookie(token) }]) {
      const api = await ask('/api/me', credentials)
      expect(api.status).toBe(200)
      expect(api.json().session).toMatchObject({ lane: shape.name.toLowerCase() })
      expect(api.sessionCookies).toEqual([])
    }
  })
}

test('accepts the second issuer of Stytch, the address of its API', async () => {
  const bearer = await stytchShape.forge({ claims: { iss: urls.stytch } })
  expect((await ask('/api/me', { bearer })).status).toBe(200)
})
