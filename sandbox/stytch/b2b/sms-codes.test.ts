import bcrypt from 'bcryptjs'
import { afterAll, beforeEach, expect, it } from 'vitest'
import { errorOf, startForTests } from '../fixture.ts'

const standIn = await startForTests()
const { b2b } = standIn
const { sms } = b2b.otps

const edsger = 'edsger@acme.example'
const acme = { organization_id: 'acme' }
const phone = '+15005550006'

beforeEach(() => standIn.control('POST', 'reset'))
afterAll(standIn.close)

const lastCode = async () => (await standIn.lastMessage()).code ?? ''
const other = (code: string) => (code === '111111' ? '222222' : '111111')
const change = (fields: object) =>
  standIn.control('PUT', 'b2b/member', { email: edsger, organization: 'acme', ...fields })

async function logInByMail() {
  await b2b.magicLinks.email.loginOrSignup({ ...acme, email_address: edsger })
  return b2b.magicLinks.authenticate({ magic_links_token: await standIn.lastToken() })
}

it('sends a code to an enrolled member after the first factor, and completes the login with it', async () => {
  await change({ mfa_enrolled: true, mfa_phone_number: phone })
  const { intermediate_session_token, member_id, mfa_required } = await logInByMail()
  expect(mfa_required?.secondary_auth_initiated).toBe('sms_otp')
  expect(await standIn.lastMessage()).toMatchObject({ to: phone, kind: 'sms_code' })
  const code = await lastCode()
  const request = { ...acme, member_id, intermediate_session_token }
  const wrong = sms.authenticate({ ...request, code: other(code) })
  expect(await errorOf(wrong)).toEqual([404, 'otp_code_not_found'])
  const answer = await sms.authenticate({ ...request, code })
  const types = answer.member_session?.authentication_factors.map(({ type }) => type)
  expect(types).toEqual(['magic_link', 'otp'])
  const again = sms.authenticate({ ...request, code })
  expect(await errorOf(again)).toEqual([404, 'intermediate_session_not_found'])
})

it('enrolls a member whose organization requires a second factor', async () => {
  await b2b.organizations.update({ ...acme, mfa_policy: 'REQUIRED_FOR_ALL' })
  const { intermediate_session_token, member_id } = await logInByMail()
  const request = { ...acme, member_id, intermediate_session_token }
  expect(await errorOf(sms.send(request))).toEqual([404, 'member_phone_number_not_found'])
  await sms.send({ ...request, mfa_phone_number: phone })
  const { member } = await sms.authenticate({ ...request, code: await lastCode() })
  expect(member).toMatchObject({
    mfa_enrolled: true,
    mfa_phone_number: phone,
    mfa_phone_number_verified: true,
  })
})

it('does not send the code to another number than the one of the member', async () => {
  await change({ mfa_enrolled: true, mfa_phone_number: phone })
  const { intermediate_session_token, member_id } = await logInByMail()
  const request = { ...acme, member_id, intermediate_session_token }
  const call = sms.send({ ...request, mfa_phone_number: '+15005550007' })
  expect(await errorOf(call)).toEqual([400, 'duplicate_member_phone_number_for_member'])
  await change({ mfa_phone_number: '', totp: true })
  const totp = sms.send({ ...request, mfa_phone_number: '+15005550007' })
  expect(await errorOf(totp)).toEqual([501, 'stand_in_not_implemented'])
})

it('does not send a code to a member for the session of another one', async () => {
  const { member_id } = await logInByMail()
  const request = { email: 'barbara@acme.example', organization: 'acme' }
  const { session_token } = (await standIn.control('POST', 'b2b/session', request)).body
  const call = sms.send({ ...acme, member_id, mfa_phone_number: phone, session_token })
  expect(await errorOf(call)).toEqual([400, 'member_session_member_id_mismatch'])
})

it('does not log in by the code alone, and not before the first factor of the organization', async () => {
  await change({ mfa_enrolled: true, mfa_phone_number: phone })
  const { intermediate_session_token, member_id } = await logInByMail()
  const request = { ...acme, member_id, code: await lastCode() }
  expect(await errorOf(sms.authenticate(request))).toEqual([400, 'no_session_arguments'])
  await b2b.organizations.update({
    ...acme,
    auth_methods: 'RESTRICTED',
    allowed_auth_methods: ['password'],
  })
  const early = sms.authenticate({ ...request, intermediate_session_token })
  const type = 'action_available_only_once_primary_authentication_is_met'
  expect(await errorOf(early)).toEqual([400, type])
})

it('does not let a person join by a password and a phone, without a proof of the address', async () => {
  const email_address = 'barbara@acme.example'
  const password = 'violet tractor umbrella 42'
  const hash = bcrypt.hashSync(password, 4)
  await b2b.passwords.migrate({
    organization_id: 'initech',
    email_address,
    hash,
    hash_type: 'bcrypt',
  })
  const found = await b2b.passwords.discovery.authenticate({ email_address, password })
  const { intermediate_session_token } = found
  const joining = await b2b.discovery.intermediateSessions.exchange({
    intermediate_session_token,
    ...acme,
  })
  expect(joining).toMatchObject({ member_authenticated: false, member: { status: 'pending' } })
  const request = { ...acme, member_id: joining.member_id, intermediate_session_token }
  await sms.send({ ...request, mfa_phone_number: phone })
  const call = sms.authenticate({ ...request, code: await lastCode() })
  const type = 'action_available_only_once_primary_authentication_is_met'
  expect(await errorOf(call)).toEqual([400, type])
})

it('refuses a code after two minutes, and a method that the organization does not allow', async () => {
  await change({ mfa_enrolled: true, mfa_phone_number: phone })
  const { intermediate_session_token, member_id } = await logInByMail()
  const request = { ...acme, member_id, intermediate_session_token, code: await lastCode() }
  await standIn.setClock(121)
  expect(await errorOf(sms.authenticate(request))).toEqual([401, 'unable_to_auth_otp_code'])
  await b2b.organizations.update({
    ...acme,
    mfa_methods: 'RESTRICTED',
    allowed_mfa_methods: ['totp'],
  })
  const type = 'operation_restricted_by_organization_mfa_methods'
  expect(await errorOf(sms.authenticate(request))).toEqual([403, type])
})

it('adds the second factor to a session', async () => {
  const { session_token, member_id } = await logInByMail()
  await sms.send({ ...acme, member_id, mfa_phone_number: phone, session_token })
  const code = await lastCode()
  const answer = await sms.authenticate({ ...acme, member_id, session_token, code })
  expect(answer.session_token).toBe(session_token)
  expect(answer.member).toMatchObject({ mfa_enrolled: false, mfa_phone_number_verified: true })
})
