import { createHash } from 'node:crypto'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { demoPassword, demoUsers, stytchProject, urls } from '../../settings.ts'
import { errorOf, startForTests } from '../fixture.ts'

const standIn = await startForTests()
const { stytch } = standIn
const { email } = stytch.magicLinks
beforeEach(() => standIn.control('POST', 'reset'))
afterAll(standIn.close)

const ada = 'ada@example.com'
const grace = 'grace@example.com'
const url = 'http://localhost:3000/authenticate?returnTo=%2Fdashboard'
const used = [401, 'unable_to_auth_magic_link']

const authenticate = (token: string, options = {}) =>
  stytch.magicLinks.authenticate({ token, session_duration_minutes: 60, ...options })

describe('a magic link', () => {
  it('redirects from the mail to the URL of the app, whose own query stays', async () => {
    await email.loginOrCreate({ email: ada, login_magic_link_url: url })
    const message = await standIn.lastMessage()
    expect(message).toMatchObject({ to: ada, kind: 'login_link', code: null })
    const link = new URL(message.link ?? '')
    expect(link.origin).toBe(standIn.url)
    expect(link.searchParams.get('public_token')).toBe(stytchProject.publicToken)

    const redirect = await fetch(link, { redirect: 'manual' })
    expect(redirect.status).toBe(302)
    const token = await standIn.lastToken()
    const target = new URL(redirect.headers.get('location') ?? '')
    expect(Object.fromEntries(target.searchParams)).toEqual({
      returnTo: '/dashboard',
      stytch_token_type: 'magic_links',
      token,
    })
    const { session, method_id } = await authenticate(token)
    expect(session?.authentication_factors).toMatchObject([
      { type: 'magic_link', delivery_method: 'email', email_factor: { email_address: ada } },
    ])
    expect(method_id).toMatch(/^email-test-/)
  })

  it('signs up a new user, and verifies the address', async () => {
    const created = await email.loginOrCreate({
      email: grace,
      signup_magic_link_url: url,
      create_user_as_pending: true,
    })
    expect(created.user_created).toBe(true)
    expect(await standIn.lastMessage()).toMatchObject({ kind: 'signup_link' })
    const { user_id } = created
    expect(await stytch.users.get({ user_id })).toMatchObject({ status: 'pending' })
    const { user } = await authenticate(await standIn.lastToken())
    expect(user).toMatchObject({ status: 'active', emails: [{ verified: true }] })
    const again = await email.loginOrCreate({ email: grace })
    expect(again).toMatchObject({ user_created: false, user_id })
  })

  it('is sent to a known user, or invites a new one', async () => {
    await email.send({ email: ada })
    expect((await authenticate(await standIn.lastToken())).user.emails[0]?.email).toBe(ada)
    expect(await errorOf(email.send({ email: grace }))).toEqual([404, 'email_not_found'])

    const invited = await email.invite({ email: grace, name: { first_name: 'Grace' } })
    expect(await standIn.lastMessage()).toMatchObject({ kind: 'invite', to: grace })
    const { user } = await authenticate(await standIn.lastToken())
    expect(user).toMatchObject({ user_id: invited.user_id, name: { first_name: 'Grace' } })
    expect(await errorOf(email.invite({ email: grace }))).toEqual([400, 'duplicate_email'])
  })

  it('is unknown after its invitation was revoked', async () => {
    const { user_id } = await email.invite({ email: grace })
    const token = await standIn.lastToken()
    await email.revokeInvite({ email: grace })
    expect(await errorOf(authenticate(token))).toEqual([404, 'magic_link_not_found'])
    expect(await stytch.users.get({ user_id })).toMatchObject({ status: 'pending' })
    // A new invitation works, and revoking it after it was accepted changes nothing.
    await email.invite({ email: grace })
    await authenticate(await standIn.lastToken())
    await email.revokeInvite({ email: grace })
    expect(await stytch.users.get({ user_id })).toMatchObject({ status: 'active' })
    expect(await errorOf(email.revokeInvite({ email: 'nobody@example.com' }))).toEqual([
      404,
      'email_not_found',
    ])
  })

  it('without a URL redirects to the authenticate page of the app', async () => {
    await email.loginOrCreate({ email: ada })
    const { link } = await standIn.lastMessage()
    const redirect = await fetch(link ?? '', { redirect: 'manual' })
    expect(redirect.headers.get('location')).toMatch(`${urls.app}/authenticate?stytch_token_type=`)
  })

  it('can be embedded, and then does not verify the address', async () => {
    const { user_id } = await stytch.users.create({ email: grace })
    const { token } = await stytch.magicLinks.create({ user_id })
    const { user, session } = await authenticate(token)
    expect(user.emails[0]?.verified).toBe(false)
    expect(session?.authentication_factors).toMatchObject([{ delivery_method: 'embedded' }])
  })

  it('works once', async () => {
    await email.loginOrCreate({ email: ada })
    const token = await standIn.lastToken()
    await authenticate(token)
    expect(await errorOf(authenticate(token))).toEqual(used)
  })

  it('expires after an hour, or after the requested time', async () => {
    await email.loginOrCreate({ email: ada })
    const hour = await standIn.lastToken()
    await email.loginOrCreate({ email: ada, login_expiration_minutes: 90 })
    const longer = await standIn.lastToken()
    await standIn.setClock(60 * 60)
    expect(await errorOf(authenticate(hour))).toEqual(used)
    await authenticate(longer)
  })

  it('is not used up by a malformed request', async () => {
    await email.loginOrCreate({ email: ada })
    const token = await standIn.lastToken()
    const call = authenticate(token, { session_duration_minutes: 1 })
    expect(await errorOf(call)).toEqual([400, 'invalid_session_duration_minutes'])
    await authenticate(token)
  })
})

describe('PKCE', () => {
  const code_verifier = 'a'.repeat(64)
  const code_challenge = createHash('sha256').update(code_verifier).digest('base64url')

  it('refuses a missing or wrong verifier, which does not use up the token', async () => {
    await email.loginOrCreate({ email: ada, code_challenge })
    const token = await standIn.lastToken()
    const missing = await errorOf(authenticate(token))
    expect(missing).toEqual([400, 'pkce_expected_code_verifier'])
    const wrong = await errorOf(authenticate(token, { code_verifier: 'b'.repeat(64) }))
    expect(wrong).toEqual([400, 'pkce_mismatch'])
    await authenticate(token, { code_verifier })
  })

  it('refuses a verifier for a link without a challenge', async () => {
    await email.loginOrCreate({ email: ada })
    const call = authenticate(await standIn.lastToken(), { code_verifier })
    expect(await errorOf(call)).toEqual([400, 'pkce_did_not_expect_code_verifier'])
  })
})

describe('refuses', () => {
  it('an unknown token, and the token of a password reset', async () => {
    const unknown = [404, 'magic_link_not_found']
    expect(await errorOf(authenticate('nonsense'))).toEqual(unknown)
    await stytch.passwords.email.resetStart({ email: ada })
    expect(await errorOf(authenticate(await standIn.lastToken()))).toEqual(unknown)
    const redirect = `${standIn.url}/v1/magic_links/redirect?token=nonsense`
    expect((await fetch(redirect)).status).toBe(404)
  })

  it('a lifetime out of range, and a malformed URL', async () => {
    const brief = email.loginOrCreate({ email: ada, login_expiration_minutes: 4 })
    expect(await errorOf(brief)).toEqual([400, 'invalid_expiration'])
    const relative = email.loginOrCreate({ email: ada, login_magic_link_url: '/authenticate' })
    expect(await errorOf(relative)).toEqual([400, 'bad_request'])
  })

  it('a password that was set before the address was verified (pre-hijacking)', async () => {
    const password = 'violet tractor umbrella 42'
    const squatted = await stytch.passwords.create({
      email: grace,
      password,
      session_duration_minutes: 60,
    })
    await email.loginOrCreate({ email: grace })
    const { reset_sessions } = await authenticate(await standIn.lastToken())
    expect(reset_sessions).toBe(true)
    const { session_token } = squatted
    const old = await errorOf(stytch.sessions.authenticate({ session_token }))
    expect(old).toEqual([404, 'session_not_found'])
    const call = stytch.passwords.authenticate({ email: grace, password })
    expect(await errorOf(call)).toEqual([400, 'reset_password'])
  })

  it('no password when the address was verified before', async () => {
    await email.loginOrCreate({ email: ada })
    const { reset_sessions } = await authenticate(await standIn.lastToken())
    expect(reset_sessions).toBe(false)
    const { user_id } = await stytch.passwords.authenticate({ email: ada, password: demoPassword })
    expect(await stytch.users.get({ user_id })).toMatchObject({
      external_id: demoUsers[0]?.subject,
    })
  })
})
