import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { errorOf, startForTests } from '../fixture.ts'

const standIn = await startForTests()
const { otps } = standIn.stytch
beforeEach(() => standIn.control('POST', 'reset'))
afterAll(standIn.close)

const ada = 'ada@example.com'
const lastCode = async () => (await standIn.lastMessage()).code ?? ''
const authenticate = (method_id: string, code: string) =>
  otps.authenticate({ method_id, code, session_duration_minutes: 60 })
const unable = [401, 'unable_to_auth_otp_code']
const unknown = [404, 'otp_code_not_found']

describe('a code by e-mail', () => {
  it('signs in a known user', async () => {
    const { email_id, user_created } = await otps.email.loginOrCreate({ email: ada })
    expect(user_created).toBe(false)
    const message = await standIn.lastMessage()
    expect(message).toMatchObject({ to: ada, kind: 'email_code', link: null })
    expect(message.code).toMatch(/^\d{6}$/)
    const { session, method_id } = await authenticate(email_id, message.code ?? '')
    expect(method_id).toBe(email_id)
    expect(session?.authentication_factors).toMatchObject([
      { type: 'otp', delivery_method: 'email', email_factor: { email_address: ada } },
    ])
  })

  it('creates a new user, and verifies the address', async () => {
    const { email_id, user_created } = await otps.email.loginOrCreate({ email: 'new@example.com' })
    expect(user_created).toBe(true)
    const { user } = await authenticate(email_id, await lastCode())
    expect(user.emails).toMatchObject([{ email: 'new@example.com', verified: true }])
  })

  it('is sent to a known user', async () => {
    const { email_id } = await otps.email.send({ email: ada })
    await authenticate(email_id, await lastCode())
    const call = otps.email.send({ email: 'new@example.com' })
    expect(await errorOf(call)).toEqual([404, 'email_not_found'])
  })
})

describe('refuses', () => {
  it('a wrong code, an unknown method, and a code that was used', async () => {
    const { email_id } = await otps.email.loginOrCreate({ email: ada })
    const code = await lastCode()
    const wrong = code === '111111' ? '222222' : '111111'
    expect(await errorOf(authenticate(email_id, wrong))).toEqual(unknown)
    expect(await errorOf(authenticate('email-test-unknown', code))).toEqual(unknown)
    await authenticate(email_id, code)
    expect(await errorOf(authenticate(email_id, code))).toEqual(unable)
  })

  it('a code after two minutes, or after the requested time', async () => {
    const { email_id } = await otps.email.loginOrCreate({ email: ada })
    await standIn.setClock(120)
    expect(await errorOf(authenticate(email_id, await lastCode()))).toEqual(unable)

    await otps.email.loginOrCreate({ email: ada, expiration_minutes: 10 })
    await standIn.setClock(120 + 9 * 60)
    await authenticate(email_id, await lastCode())
  })

  it('a code after a newer one was sent', async () => {
    const { email_id } = await otps.email.loginOrCreate({ email: ada })
    const first = await lastCode()
    await otps.email.loginOrCreate({ email: ada })
    // One run in a million generates the same code twice.
    if (first === (await lastCode())) return
    expect(await errorOf(authenticate(email_id, first))).toEqual(unknown)
  })

  it('a lifetime out of range', async () => {
    const call = otps.email.loginOrCreate({ email: ada, expiration_minutes: 11 })
    expect(await errorOf(call)).toEqual([400, 'invalid_expiration_otp'])
  })
})
