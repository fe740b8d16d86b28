import { afterAll, beforeEach, expect, it } from 'vitest'
import { errorOf, startForTests } from '../fixture.ts'

const standIn = await startForTests()
const { b2b } = standIn
const { email: links } = b2b.magicLinks

const edsger = 'edsger@acme.example'
const acme = { organization_id: 'acme' }
const initech = { organization_id: 'initech' }

beforeEach(() => standIn.control('POST', 'reset'))
afterAll(standIn.close)

const authenticate = async (extra: object = {}) =>
  b2b.magicLinks.authenticate({ magic_links_token: await standIn.lastToken(), ...extra })

it('gives no session to a member who lacks the second factor of the organization', async () => {
  await b2b.organizations.update({ ...acme, mfa_policy: 'REQUIRED_FOR_ALL' })
  await links.loginOrSignup({ ...acme, email_address: edsger })
  const answer = await authenticate()
  expect(answer).toMatchObject({
    member_authenticated: false,
    session_token: '',
    session_jwt: '',
    mfa_required: {},
  })
  expect(answer.member_session).toBeUndefined()
  expect(answer.intermediate_session_token).not.toBe('')
})

it('gives no session to a member who is enrolled, although the organization asks for nothing', async () => {
  const { members } = await b2b.organizations.members.search({ organization_ids: ['acme'] })
  const member_id = members.find(({ email_address }) => email_address === edsger)?.member_id ?? ''
  await b2b.organizations.members.update({
    ...acme,
    member_id,
    mfa_enrolled: true,
    mfa_phone_number: '+15005550006',
  })
  await links.loginOrSignup({ ...acme, email_address: edsger })
  expect(await authenticate()).toMatchObject({
    member_authenticated: false,
    mfa_required: { member_options: { mfa_phone_number: '+15005550006' } },
  })
})

it('does not count the intermediate session of one organization as the second factor of another', async () => {
  await b2b.organizations.update({ ...acme, mfa_policy: 'REQUIRED_FOR_ALL' })
  await links.loginOrSignup({ ...acme, email_address: edsger })
  const { intermediate_session_token } = await authenticate()
  const exchange = (organization: typeof acme) =>
    b2b.discovery.intermediateSessions.exchange({ intermediate_session_token, ...organization })
  const missing = await exchange(acme)
  expect(missing).toMatchObject({ member_authenticated: false, intermediate_session_token })
  expect(await exchange(initech)).toMatchObject({ member_authenticated: true })
  expect(await errorOf(exchange(initech))).toEqual([404, 'intermediate_session_not_found'])
})

it('asks for another primary factor, and takes it together with the intermediate session', async () => {
  await b2b.organizations.update({
    ...initech,
    auth_methods: 'RESTRICTED',
    allowed_auth_methods: ['email_otp'],
  })
  await links.discovery.send({ email_address: edsger })
  const discovery = await b2b.magicLinks.discovery.authenticate({
    discovery_magic_links_token: await standIn.lastToken(),
  })
  const { intermediate_session_token } = discovery
  const exchange = await b2b.discovery.intermediateSessions.exchange({
    intermediate_session_token,
    ...initech,
  })
  expect(exchange).toMatchObject({
    member_authenticated: false,
    intermediate_session_token,
    primary_required: { allowed_auth_methods: ['email_otp'] },
  })
  await b2b.otps.email.loginOrSignup({ ...initech, email_address: edsger })
  const { code } = await standIn.lastMessage()
  const answer = await b2b.otps.email.authenticate({
    ...initech,
    email_address: edsger,
    code: code ?? '',
    intermediate_session_token,
  })
  expect(answer.member_authenticated).toBe(true)
  const types = answer.member_session?.authentication_factors.map(({ type }) => type)
  expect(types).toEqual(['magic_link', 'email_otp'])
})

it('refuses a locked member by link, by code, by password and by discovery', async () => {
  const request = { ...acme, email_address: edsger }
  await links.discovery.send({ email_address: edsger })
  const { intermediate_session_token } = await b2b.magicLinks.discovery.authenticate({
    discovery_magic_links_token: await standIn.lastToken(),
  })
  await b2b.otps.email.loginOrSignup(request)
  const code = (await standIn.lastMessage()).code ?? ''
  await links.loginOrSignup(request)
  const member = { email: edsger, organization: 'acme' }
  await standIn.control('PUT', 'b2b/member', { ...member, locked: true })
  const calls = [
    () => authenticate(),
    () => b2b.otps.email.authenticate({ ...request, code }),
    () => b2b.passwords.authenticate({ ...request, password: 'any' }),
    () => b2b.discovery.intermediateSessions.exchange({ intermediate_session_token, ...acme }),
  ]
  for (const call of calls) {
    expect(await errorOf(call())).toEqual([429, 'user_lock_limit_reached'])
  }
  await standIn.control('PUT', 'b2b/member', { ...member, locked: false })
  expect(await authenticate()).toMatchObject({ member_authenticated: true })
})

it('refuses the intermediate session of another person', async () => {
  await links.discovery.send({ email_address: 'mallory@evil.example' })
  const { intermediate_session_token } = await b2b.magicLinks.discovery.authenticate({
    discovery_magic_links_token: await standIn.lastToken(),
  })
  await links.loginOrSignup({ ...acme, email_address: edsger })
  const call = authenticate({ intermediate_session_token })
  const type = 'invalid_intermediate_session_token_for_organization'
  expect(await errorOf(call)).toEqual([400, type])
})
