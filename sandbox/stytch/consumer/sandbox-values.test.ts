import { afterAll, describe, expect, it } from 'vitest'
import { stytchProject } from '../../settings.ts'
import { errorOf, startForTests } from '../fixture.ts'
import { sandboxValues } from './sandbox-values.ts'

const standIn = await startForTests()
const { stytch } = standIn
afterAll(standIn.close)

const { email, phone, code, magicLink, session, oauth } = sandboxValues
const sixty = { session_duration_minutes: 60 }
const sandboxUser = {
  user_id: 'user-test-e3795c81-f849-4167-bfda-e4a6e9c280fd',
  emails: [{ email: 'sandbox@stytch.com' }],
}

describe('the sandbox values', () => {
  it('of magic links', async () => {
    const sent = await stytch.magicLinks.email.loginOrCreate({ email })
    expect(sent).toMatchObject({ user_created: false, user_id: sandboxUser.user_id })
    await stytch.magicLinks.email.send({ email })
    const call = (token: string) => stytch.magicLinks.authenticate({ token, ...sixty })
    const { user, session_jwt } = await call(magicLink.success)
    expect(user).toMatchObject(sandboxUser)
    await stytch.sessions.authenticateJwtLocal({ session_jwt })
    // The documented token is never used up.
    await call(magicLink.success)

    const unable = await call(magicLink.unableToAuth).catch((error) => error)
    expect(unable).toMatchObject({
      status_code: 401,
      error_type: 'unable_to_auth_magic_link',
      error_message:
        'The magic link could not be authenticated because it was either already used or expired. Send another magic link to this user.',
      error_url: 'https://stytch.com/docs/api/errors/401#unable_to_auth_magic_link',
    })
    const missing = await call(magicLink.notFound).catch((error) => error)
    expect(missing).toMatchObject({
      status_code: 404,
      error_type: 'magic_link_not_found',
      error_message:
        'The magic link could not be authenticated, try sending another magic link to the user.',
    })
  })

  it('of codes', async () => {
    const { email_id } = await stytch.otps.email.loginOrCreate({ email })
    await stytch.otps.email.send({ email })
    const call = (code: string) => stytch.otps.authenticate({ method_id: email_id, code, ...sixty })
    expect((await call(code)).user).toMatchObject(sandboxUser)
    expect(await errorOf(call('123456'))).toEqual([404, 'otp_code_not_found'])
  })

  it('of invitations', async () => {
    const invite_magic_link_url = 'http://localhost:3000/authenticate'
    const invited = await stytch.magicLinks.email.invite({ email, invite_magic_link_url })
    expect(invited).toMatchObject({ status_code: 200, user_id: sandboxUser.user_id })
    expect(await stytch.magicLinks.email.revokeInvite({ email })).toMatchObject({
      status_code: 200,
    })
  })

  it.each(['sms', 'whatsapp'] as const)('of codes by %s', async (channel) => {
    const sent = await stytch.otps[channel].loginOrCreate({ phone_number: phone })
    expect(sent).toMatchObject({ user_created: false, user_id: sandboxUser.user_id })
    const { phone_id } = await stytch.otps[channel].send({ phone_number: phone })
    expect(phone_id).toBe(sent.phone_id)
    const call = (code: string) => stytch.otps.authenticate({ method_id: phone_id, code, ...sixty })
    const { user, session, method_id } = await call(code)
    expect(user).toMatchObject(sandboxUser)
    expect(method_id).toBe(phone_id)
    // Without a mail, the session proves no address.
    expect(session?.authentication_factors).toMatchObject([{ type: 'otp', delivery_method: 'sms' }])
    expect(await errorOf(call('123456'))).toEqual([404, 'otp_code_not_found'])
    const other = stytch.otps[channel].send({ phone_number: '+12025550162' })
    expect(await errorOf(other)).toEqual([501, 'stand_in_not_implemented'])
  })

  it('of sessions', async () => {
    const authenticated = await stytch.sessions.authenticate({ session_token: session.success })
    expect(authenticated).toMatchObject({
      session_token: session.success,
      user: sandboxUser,
      session: { started_at: '2021-08-28T00:41:58.935673Z' },
    })
    const call = stytch.sessions.authenticate({ session_token: session.notFound })
    expect(await errorOf(call)).toEqual([404, 'session_not_found'])
  })

  it('of passwords', async () => {
    const credentials = { email, password: 'anything', ...sixty }
    expect((await stytch.passwords.create(credentials)).user).toMatchObject(sandboxUser)
    expect((await stytch.passwords.authenticate(credentials)).user).toMatchObject(sandboxUser)
  })

  it('of OAuth', async () => {
    const call = (token: string) => stytch.oauth.authenticate({ token, ...sixty })
    expect((await call(oauth.success)).user).toMatchObject(sandboxUser)
    expect(await errorOf(call(oauth.notFound))).toEqual([400, 'oauth_token_not_found'])
  })

  it('send no mail, and appear in no search', async () => {
    expect((await standIn.control('GET', 'inbox')).body).toEqual([])
    const operand = { filter_name: 'email_address' as const, filter_value: [email] }
    const { results } = await stytch.users.search({
      query: { operator: 'AND', operands: [operand] },
    })
    expect(results).toEqual([])
  })

  it('are unknown to the frontend API', async () => {
    const { publicToken } = stytchProject
    const response = await fetch(`${standIn.url}/sdk/v1/magic_links/authenticate`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${btoa(`${publicToken}:${publicToken}`)}`,
        origin: 'http://localhost:3000',
      },
      body: JSON.stringify({ token: magicLink.success, ...sixty }),
    })
    expect(await response.json()).toMatchObject({ error_type: 'magic_link_not_found' })
  })
})
