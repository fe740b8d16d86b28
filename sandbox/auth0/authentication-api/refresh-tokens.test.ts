import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { startForTests, tokensFor } from '../fixture.ts'

const standIn = await startForTests()
beforeEach(() => standIn.control('POST', 'reset'))
afterAll(standIn.close)

describe('refresh tokens', () => {
  it('rotate, and give an access token that userinfo accepts', async () => {
    const first = await tokensFor(standIn, 'ada@example.com')
    expect((await standIn.userinfo(first.access_token)).status).toBe(200)
    const { status, body } = await standIn.refresh(first.refresh_token)
    expect(status).toBe(200)
    expect(body.refresh_token).not.toBe(first.refresh_token)
    expect(body.id_token).toEqual(expect.any(String))
    expect((await standIn.userinfo(body.access_token)).status).toBe(200)
    expect((await standIn.refresh(body.refresh_token)).status).toBe(200)
  })

  it('end with their whole family when one is used twice', async () => {
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

  it('of other logins still work after that', async () => {
    const phone = await tokensFor(standIn, 'ada@example.com')
    const laptop = await tokensFor(standIn, 'ada@example.com')
    await standIn.refresh(phone.refresh_token)
    await standIn.refresh(phone.refresh_token)
    expect((await standIn.refresh(laptop.refresh_token)).status).toBe(200)
  })

  it('work again within the overlap period, and not after it', async () => {
    await standIn.control('PUT', 'tenant', { rotationOverlapSeconds: 30 })
    const { refresh_token } = await tokensFor(standIn, 'ada@example.com')
    expect((await standIn.refresh(refresh_token)).status).toBe(200)
    expect((await standIn.refresh(refresh_token)).status).toBe(200)
    await standIn.control('PUT', 'clock', { offsetSeconds: 20 })
    expect((await standIn.refresh(refresh_token)).status).toBe(200)
    await standIn.control('PUT', 'clock', { offsetSeconds: 31 })
    expect((await standIn.refresh(refresh_token)).status).toBe(403)
  })

  it('end when they are revoked', async () => {
    const { refresh_token } = await tokensFor(standIn, 'ada@example.com')
    expect((await standIn.revoke(refresh_token)).status).toBe(200)
    expect((await standIn.refresh(refresh_token)).status).toBe(403)
  })

  it('expire thirty days after the login, also after a rotation', async () => {
    const first = await tokensFor(standIn, 'ada@example.com')
    await standIn.control('PUT', 'clock', { offsetSeconds: 20 * 86_400 })
    const second = await standIn.refresh(first.refresh_token)
    expect(second.status).toBe(200)
    await standIn.control('PUT', 'clock', { offsetSeconds: 31 * 86_400 })
    expect((await standIn.refresh(second.body.refresh_token)).status).toBe(403)
  })
})
