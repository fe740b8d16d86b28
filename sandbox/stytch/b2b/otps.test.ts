import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { errorOf, startForTests } from '../fixture.ts'

const standIn = await startForTests()
const { email: otps } = standIn.b2b.otps

const edsger = 'edsger@acme.example'
const barbara = 'barbara@acme.example'
const acme = { organization_id: 'acme' }
const initech = { organization_id: 'initech' }

beforeEach(() => standIn.control('POST', 'reset'))
afterAll(standIn.close)

const lastCode = async () => (await standIn.lastMessage()).code ?? ''
const other = (code: string) => (code === '111111' ? '222222' : '111111')

describe('codes of an organization', () => {
  it('logs a member in', async () => {
    const sent = await otps.loginOrSignup({ ...acme, email_address: edsger })
    expect(sent.member_created).toBe(false)
    expect(await standIn.lastMessage()).toMatchObject({ to: edsger, kind: 'email_code' })
    const code = await lastCode()
    const answer = await otps.authenticate({ ...acme, email_address: edsger, code })
    expect(answer).toMatchObject({
      member_id: sent.member_id,
      member_authenticated: true,
      member_session: { authentication_factors: [{ type: 'email_otp' }] },
    })
  })

  it('lets a person of an allowed domain join, and refuses a stranger', async () => {
    const sent = await otps.loginOrSignup({ ...acme, email_address: barbara })
    expect(sent).toMatchObject({ member_created: true, member: { status: 'pending' } })
    const code = await lastCode()
    const { member } = await otps.authenticate({ ...acme, email_address: barbara, code })
    expect(member).toMatchObject({ status: 'active', email_address_verified: true })
    const stranger = otps.loginOrSignup({ ...acme, email_address: 'eve@evil.example' })
    expect(await errorOf(stranger)).toEqual([400, 'invalid_email_for_jit_provisioning'])
  })

  it('refuses a wrong, a used, an expired and a replaced code', async () => {
    await otps.loginOrSignup({ ...acme, email_address: edsger })
    const first = await lastCode()
    const authenticate = (code: string) =>
      otps.authenticate({ ...acme, email_address: edsger, code })
    expect(await errorOf(authenticate(other(first)))).toEqual([404, 'otp_code_not_found'])
    await authenticate(first)
    expect(await errorOf(authenticate(first))).toEqual([401, 'unable_to_auth_otp_code'])
    await otps.loginOrSignup({ ...acme, email_address: edsger })
    await standIn.setClock(601)
    expect(await errorOf(authenticate(await lastCode()))).toEqual([401, 'unable_to_auth_otp_code'])
  })

  it('refuses the code of one organization in another one', async () => {
    await otps.loginOrSignup({ ...acme, email_address: edsger })
    const code = await lastCode()
    const call = otps.authenticate({ ...initech, email_address: edsger, code })
    expect(await errorOf(call)).toEqual([404, 'otp_code_not_found'])
  })

  it('limits the lifetime of a code', async () => {
    const call = otps.loginOrSignup({
      ...acme,
      email_address: edsger,
      login_expiration_minutes: 16,
    })
    expect(await errorOf(call)).toEqual([400, 'invalid_expiration_otp'])
  })
})

describe('codes of discovery', () => {
  it('lists the organizations of a person', async () => {
    await otps.discovery.send({ email_address: edsger })
    const code = await lastCode()
    const answer = await otps.discovery.authenticate({ email_address: edsger, code })
    expect(answer.email_address).toBe(edsger)
    const slugs = answer.discovered_organizations.map(
      ({ organization }) => organization?.organization_slug,
    )
    expect(slugs).toEqual(['acme', 'initech'])
  })

  it('refuses a code that was sent for an organization', async () => {
    await otps.loginOrSignup({ ...acme, email_address: edsger })
    const code = await lastCode()
    const call = otps.discovery.authenticate({ email_address: edsger, code })
    expect(await errorOf(call)).toEqual([404, 'otp_code_not_found'])
  })
})
