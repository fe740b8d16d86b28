import { createHash } from 'node:crypto'
import bcrypt from 'bcryptjs'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { errorOf, startForTests } from '../fixture.ts'

const standIn = await startForTests()
const { b2b } = standIn
const { passwords } = b2b

const edsger = 'edsger@acme.example'
const barbara = 'barbara@acme.example'
const acme = { organization_id: 'acme' }
const initech = { organization_id: 'initech' }
const strong = 'violet tractor umbrella 42'
const stronger = 'seven quiet lanterns over Oslo'
const hash = bcrypt.hashSync(strong, 4)

beforeEach(() => standIn.control('POST', 'reset'))
afterAll(standIn.close)

const migrate = (email_address: string, organization = acme) =>
  passwords.migrate({ ...organization, email_address, hash, hash_type: 'bcrypt' })
const authenticate = (email_address: string, password = strong, organization = acme) =>
  passwords.authenticate({ ...organization, email_address, password })

describe('migrate and authenticate', () => {
  it('imports a hash for a new member, and for one without a password', async () => {
    const created = await migrate(barbara)
    expect(created).toMatchObject({
      member_created: true,
      member: { status: 'active', email_address_verified: true },
    })
    expect(created.member.member_password_id).toMatch(/^member-password-test-/)
    expect(await migrate(edsger)).toMatchObject({ member_created: false })
    expect(await errorOf(migrate(edsger))).toEqual([400, 'password_already_exists'])
    const answer = await authenticate(barbara)
    expect(answer).toMatchObject({
      member_id: created.member_id,
      member_authenticated: true,
      member_session: { authentication_factors: [{ type: 'password' }] },
    })
  })

  it('keeps the password of one organization out of another one', async () => {
    await migrate(edsger)
    const call = authenticate(edsger, strong, initech)
    expect(await errorOf(call)).toEqual([404, 'member_password_not_found'])
  })

  it('refuses a wrong password, and locks the member after ten', async () => {
    await migrate(edsger)
    for (let attempt = 0; attempt < 10; attempt++) {
      const wrong = authenticate(edsger, 'wrong')
      expect(await errorOf(wrong)).toEqual([401, 'unauthorized_credentials'])
    }
    expect(await errorOf(authenticate(edsger))).toEqual([429, 'user_lock_limit_reached'])
    await standIn.setClock(3601)
    expect(await authenticate(edsger)).toMatchObject({ member_authenticated: true })
  })

  it('refuses a stranger, and a method that the organization does not allow', async () => {
    expect(await errorOf(authenticate(barbara))).toEqual([404, 'member_not_found'])
    await migrate(edsger)
    await b2b.organizations.update({
      ...acme,
      auth_methods: 'RESTRICTED',
      allowed_auth_methods: ['magic_link'],
    })
    const type = 'operation_restricted_by_organization_auth_methods'
    expect(await errorOf(authenticate(edsger))).toEqual([403, type])
  })

  it('refuses a breached password at the login', async () => {
    const breached = 'correct horse battery staple'
    await passwords.migrate({
      ...acme,
      email_address: edsger,
      hash: bcrypt.hashSync(breached, 4),
      hash_type: 'bcrypt',
    })
    expect(await errorOf(authenticate(edsger, breached))).toEqual([400, 'member_reset_password'])
  })

  it('checks the strength', async () => {
    const answer = await passwords.strengthCheck({ password: 'password', email_address: edsger })
    expect(answer).toMatchObject({ valid_password: false, strength_policy: 'zxcvbn' })
    expect(answer.zxcvbn_feedback?.suggestions).not.toHaveLength(0)
  })
})

describe('resets', () => {
  it('resets by mail with PKCE, ends the sessions and keeps the token for a weak password', async () => {
    await migrate(edsger)
    const { session_token } = await authenticate(edsger)
    const verifier = 'a-verifier-of-the-browser'
    const sent = await passwords.email.resetStart({
      ...acme,
      email_address: edsger,
      reset_password_redirect_url: 'http://localhost:3000/team/reset',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    })
    expect(sent.member.email_address).toBe(edsger)
    const message = await standIn.lastMessage()
    expect(message).toMatchObject({ to: edsger, kind: 'password_reset' })
    expect(new URL(message.link ?? '').searchParams.get('stytch_token_type')).toBe(
      'multi_tenant_passwords',
    )
    const password_reset_token = await standIn.lastToken()
    const reset = (password: string, code_verifier?: string) =>
      passwords.email.reset({
        password_reset_token,
        password,
        ...(code_verifier ? { code_verifier } : {}),
      })
    expect(await errorOf(reset(stronger))).toEqual([400, 'pkce_expected_code_verifier'])
    expect(await errorOf(reset('weak', verifier))).toEqual([400, 'weak_password'])
    expect(await reset(stronger, verifier)).toMatchObject({ member_authenticated: true })
    const used = reset(stronger, verifier)
    expect(await errorOf(used)).toEqual([401, 'unable_to_auth_password_reset_token'])
    const old = b2b.sessions.authenticate({ session_token })
    expect(await errorOf(old)).toEqual([404, 'session_not_found'])
    expect(await authenticate(edsger, stronger)).toMatchObject({ member_authenticated: true })
  })

  it('refuses a magic link as a reset token, and the reverse', async () => {
    await b2b.magicLinks.email.loginOrSignup({ ...acme, email_address: edsger })
    const magic = passwords.email.reset({
      password_reset_token: await standIn.lastToken(),
      password: strong,
    })
    expect(await errorOf(magic)).toEqual([401, 'unable_to_auth_password_reset_token'])
    await passwords.discovery.email.resetStart({ email_address: edsger })
    const reset = b2b.magicLinks.discovery.authenticate({
      discovery_magic_links_token: await standIn.lastToken(),
    })
    expect(await errorOf(reset)).toEqual([404, 'magic_link_not_found'])
  })

  it('resets by the existing password', async () => {
    await migrate(edsger)
    const request = { ...acme, email_address: edsger, new_password: stronger }
    const wrong = passwords.existingPassword.reset({ ...request, existing_password: 'wrong' })
    expect(await errorOf(wrong)).toEqual([401, 'unauthorized_credentials'])
    await passwords.existingPassword.reset({ ...request, existing_password: strong })
    expect(await authenticate(edsger, stronger)).toMatchObject({ member_authenticated: true })
  })

  it('resets by a recent session, which stays', async () => {
    await b2b.magicLinks.email.loginOrSignup({ ...acme, email_address: edsger })
    const { session_token } = await b2b.magicLinks.authenticate({
      magic_links_token: await standIn.lastToken(),
    })
    const request = { ...acme, session_token, password: strong }
    const answer = await passwords.sessions.reset(request)
    expect(answer).toMatchObject({ session_token, member_authenticated: true })
    await standIn.setClock(301)
    const late = passwords.sessions.reset(request)
    expect(await errorOf(late)).toEqual([400, 'session_too_old_to_reset_password'])
    const foreign = passwords.sessions.reset({ ...request, ...initech })
    expect(await errorOf(foreign)).toEqual([404, 'member_not_found'])
  })
})

describe('discovery', () => {
  it('logs in by password, and asks for a proof of the address before it lets a person join', async () => {
    await migrate(edsger, initech)
    const wrong = passwords.discovery.authenticate({ email_address: edsger, password: 'wrong' })
    expect(await errorOf(wrong)).toEqual([401, 'unauthorized_credentials'])
    const found = await passwords.discovery.authenticate({
      email_address: edsger,
      password: strong,
    })
    expect(found.discovered_organizations).toHaveLength(2)
    const { intermediate_session_token } = found
    const answer = await b2b.discovery.organizations.create({
      intermediate_session_token,
      organization_name: 'Newco',
    })
    expect(answer).toMatchObject({ member_authenticated: false, session_token: '' })
    expect(answer.primary_required?.allowed_auth_methods).toContain('magic_link')
    expect(answer.primary_required?.allowed_auth_methods).not.toContain('password')
  })

  it('resets the password of all organizations by mail', async () => {
    await migrate(edsger)
    const pkce_code_verifier = 'a-verifier-of-the-browser'
    await passwords.discovery.email.resetStart({
      email_address: edsger,
      pkce_code_challenge: createHash('sha256').update(pkce_code_verifier).digest('base64url'),
    })
    const request = { password_reset_token: await standIn.lastToken(), password: stronger }
    const stolen = passwords.discovery.email.reset(request)
    expect(await errorOf(stolen)).toEqual([400, 'pkce_expected_code_verifier'])
    const answer = await passwords.discovery.email.reset({ ...request, pkce_code_verifier })
    expect(answer.discovered_organizations).toHaveLength(2)
    for (const organization of [acme, initech]) {
      const login = await authenticate(edsger, stronger, organization)
      expect(login.member_authenticated).toBe(true)
    }
  })

  it('gives the password of a newcomer to the first membership', async () => {
    await passwords.discovery.email.resetStart({ email_address: barbara })
    const { intermediate_session_token } = await passwords.discovery.email.reset({
      password_reset_token: await standIn.lastToken(),
      password: strong,
    })
    const joined = await b2b.discovery.intermediateSessions.exchange({
      intermediate_session_token,
      ...acme,
    })
    expect(joined.member_authenticated).toBe(true)
    expect(await authenticate(barbara)).toMatchObject({ member_id: joined.member_id })
  })
})
