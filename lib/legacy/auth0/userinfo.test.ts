import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appEnvironment } from '../../../sandbox/settings.ts'
import { serve } from '../../../sandbox/stytch/fixture.ts'
import { fetchUserinfo } from './userinfo'

let server: Awaited<ReturnType<typeof serve>>
let answer: { status: number; body: string }
beforeAll(async () => {
  server = await serve((_, response) => {
    response.writeHead(answer.status, { 'content-type': 'application/json' })
    response.end(answer.body)
  })
  const domain = server.url.replace('127.0.0.1', 'localhost')
  Object.assign(process.env, appEnvironment, { AUTH0_DOMAIN: domain })
})
afterAll(() => server.close())

function userinfo(body: unknown, status = 200) {
  answer = { status, body: typeof body === 'string' ? body : JSON.stringify(body) }
  return fetchUserinfo('token')
}
const sub = 'auth0|ada'

describe('fetchUserinfo', () => {
  it.each(['a&b@example.com', 'o!brien@example.com', 'ada@example.xn--p1ai'])(
    'accepts the verified address %s',
    async (email) => {
      expect(await userinfo({ sub, email, email_verified: true, name: 'Ada' })).toEqual({
        subject: sub,
        email,
        emailVerified: true,
        name: 'Ada',
      })
    },
  )

  it.each([
    'mi\u212ae@example.com',
    'jörg@example.com',
    'ada@example.com, eve@example.com',
    'Ada <ada@example.com>',
    'ada',
  ])('does not accept %j as a verified address, so no session is migrated by it', async (email) => {
    expect(await userinfo({ sub, email, email_verified: true })).toMatchObject({
      email,
      emailVerified: false,
    })
  })

  it('accepts a user without an address', async () => {
    expect(await userinfo({ sub })).toMatchObject({ email: '', emailVerified: false })
  })

  it.each([
    [401, true],
    [404, true],
    [403, false],
  ])('throws for status %i, with isUserGone %s', async (status, isUserGone) => {
    const error = await userinfo('no', status).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'userinfo_refused', isUserGone })
  })

  it.each<[unknown, number, string]>([
    ['no', 429, 'rate_limited'],
    ['no', 500, 'unavailable'],
    ['<html>', 200, 'unexpected_response'],
    [{}, 200, 'unexpected_response'],
    [null, 200, 'unexpected_response'],
    [{ sub, email: 7 }, 200, 'unexpected_response'],
  ])('throws for the answer %j with status %i: %s', async (body, status, code) => {
    await expect(userinfo(body, status)).rejects.toMatchObject({ provider: 'legacy', code })
  })
})
