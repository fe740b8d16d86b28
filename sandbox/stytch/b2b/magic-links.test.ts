import { createHash } from 'node:crypto'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { errorOf, startForTests } from '../fixture.ts'

const standIn = await startForTests()
const { b2b } = standIn
const { email: links } = b2b.magicLinks

const edsger = 'edsger@acme.example'
const barbara = 'barbara@acme.example'
const acme = { organization_id: 'acme' }

beforeEach(() => standIn.control('POST', 'reset'))
afterAll(standIn.close)

const authenticate = async (extra: object = {}) =>
  b2b.magicLinks.authenticate({ magic_links_token: await standIn.lastToken(), ...extra })

describe('loginOrSignup', () => {
  it('mails a login link to a member, and logs the member in for an hour', async () => {
    const sent = await links.loginOrSignup({ ...acme, email_address: edsger })
    expect(sent).toMatchObject({ member_created: false, member: { email_address: edsger } })
    expect(await standIn.lastMessage()).toMatchObject({ to: edsger, kind: 'login_link' })

    const answer = await authenticate()
    expect(answer).toMatchObject({
      member_id: sent.member_id,
      organization: { organization_slug: 'acme' },
      member_authenticated: true,
      intermediate_session_token: '',
      member_session: {
        organization_slug: 'acme',
        authentication_factors: [{ type: 'magic_link', delivery_method: 'email' }],
        roles: ['stytch_member', 'stytch_admin'],
      },
    })
    const session = answer.member_session
    const minutes = (Date.parse(session?.expires_at ?? '') - Date.now()) / 60_000
    expect(Math.round(minutes)).toBe(60)
    const { member_session } = await b2b.sessions.authenticateJwt({
      session_jwt: answer.session_jwt,
    })
    expect(member_session.member_id).toBe(sent.member_id)
  })

  it('lets a person of an allowed domain join', async () => {
    const signup_redirect_url = 'http://localhost:3000/team/acme?from=mail'
    const sent = await links.loginOrSignup({ ...acme, email_address: barbara, signup_redirect_url })
    expect(sent).toMatchObject({ member_created: true, member: { status: 'pending' } })
    const message = await standIn.lastMessage()
    expect(message.kind).toBe('signup_link')

    const response = await fetch(message.link ?? '', { redirect: 'manual' })
    const target = new URL(response.headers.get('location') ?? '')
    expect(target.origin + target.pathname).toBe('http://localhost:3000/team/acme')
    expect(Object.fromEntries(target.searchParams)).toEqual({
      from: 'mail',
      slug: 'acme',
      stytch_redirect_type: 'signup',
      stytch_token_type: 'multi_tenant_magic_links',
      token: await standIn.lastToken(),
    })

    const { member } = await authenticate({ session_duration_minutes: 5 })
    expect(member).toMatchObject({ status: 'active', email_address_verified: true })
  })

  it('refuses a stranger, by domain and by setting', async () => {
    const stranger = links.loginOrSignup({ ...acme, email_address: 'eve@evil.example' })
    expect(await errorOf(stranger)).toEqual([400, 'invalid_email_for_jit_provisioning'])
    const closed = links.loginOrSignup({ organization_id: 'globex', email_address: barbara })
    expect(await errorOf(closed)).toEqual([400, 'email_jit_provisioning_not_allowed'])
    const unknown = links.loginOrSignup({ organization_id: 'nowhere', email_address: barbara })
    expect(await errorOf(unknown)).toEqual([404, 'organization_not_found'])
  })

  it('refuses a domain that only ends like an allowed one', async () => {
    for (const email_address of ['eve@notacme.example', 'eve@acme.example.evil.example']) {
      const call = links.loginOrSignup({ ...acme, email_address })
      expect(await errorOf(call)).toEqual([400, 'invalid_email_for_jit_provisioning'])
    }
  })

  it('refuses a method that the organization does not allow', async () => {
    await b2b.organizations.update({
      ...acme,
      auth_methods: 'RESTRICTED',
      allowed_auth_methods: ['password'],
    })
    const call = links.loginOrSignup({ ...acme, email_address: edsger })
    expect(await errorOf(call)).toEqual([403, 'operation_restricted_by_organization_auth_methods'])
  })
})

describe('invite', () => {
  it('invites a member, who is active after the link', async () => {
    const sent = await links.invite({ ...acme, email_address: barbara, name: 'Barbara Liskov' })
    expect(sent.member).toMatchObject({ status: 'invited', name: 'Barbara Liskov' })
    expect(await standIn.lastMessage()).toMatchObject({ to: barbara, kind: 'invite' })
    const { member } = await authenticate()
    expect(member).toMatchObject({ member_id: sent.member_id, status: 'active' })
    const again = links.invite({ ...acme, email_address: barbara })
    expect(await errorOf(again)).toEqual([400, 'duplicate_member_email'])
  })

  it('follows the setting for invitations', async () => {
    const foreign = links.invite({ ...acme, email_address: 'eve@evil.example' })
    expect(await errorOf(foreign)).toEqual([400, 'invalid_email_for_invites'])
    const off = links.invite({ organization_id: 'globex', email_address: 'd@globex.example' })
    expect(await errorOf(off)).toEqual([400, 'invalid_email_for_invites'])
  })

  it('refuses a member who may not invite, when the call names a session', async () => {
    const open = (organization: string) =>
      standIn.control('POST', 'b2b/session', { email: edsger, organization })
    const invite = async (organization_id: string) => {
      const { session_token } = (await open(organization_id)).body
      const request = { organization_id, email_address: barbara }
      return links.invite(request, { authorization: { session_token } })
    }
    await invite('acme')
    expect(await errorOf(invite('initech'))).toEqual([403, 'session_authorization_error'])
  })

  it('ends the invitation when the member is deleted', async () => {
    const { member_id } = await links.invite({ ...acme, email_address: barbara })
    await b2b.organizations.members.delete({ ...acme, member_id })
    expect(await errorOf(authenticate())).toEqual([404, 'member_not_found'])
  })
})

describe('authenticate', () => {
  it('uses a link once, and only within its hour', async () => {
    await links.loginOrSignup({ ...acme, email_address: edsger })
    await authenticate()
    expect(await errorOf(authenticate())).toEqual([401, 'unable_to_auth_magic_link'])
    await links.loginOrSignup({ ...acme, email_address: edsger })
    await standIn.setClock(3601)
    expect(await errorOf(authenticate())).toEqual([401, 'unable_to_auth_magic_link'])
    const unknown = b2b.magicLinks.authenticate({ magic_links_token: 'nonsense' })
    expect(await errorOf(unknown)).toEqual([404, 'magic_link_not_found'])
  })

  it('checks PKCE before it uses the link', async () => {
    const verifier = 'a-verifier-of-the-browser'
    const pkce_code_challenge = createHash('sha256').update(verifier).digest('base64url')
    await links.loginOrSignup({ ...acme, email_address: edsger, pkce_code_challenge })
    expect(await errorOf(authenticate())).toEqual([400, 'pkce_expected_code_verifier'])
    const wrong = authenticate({ pkce_code_verifier: 'another' })
    expect(await errorOf(wrong)).toEqual([400, 'pkce_mismatch'])
    expect(await authenticate({ pkce_code_verifier: verifier })).toMatchObject({
      member_authenticated: true,
    })
  })

  it('refuses a link for discovery, and the reverse', async () => {
    await links.discovery.send({ email_address: edsger })
    expect(await errorOf(authenticate())).toEqual([404, 'magic_link_not_found'])
    await links.loginOrSignup({ ...acme, email_address: edsger })
    const discovery_magic_links_token = await standIn.lastToken()
    const call = b2b.magicLinks.discovery.authenticate({ discovery_magic_links_token })
    expect(await errorOf(call)).toEqual([404, 'magic_link_not_found'])
  })

  it('adds the factor to the session of the member, and refuses the session of another one', async () => {
    await links.loginOrSignup({ ...acme, email_address: edsger })
    const { session_token } = await authenticate()
    await links.loginOrSignup({ ...acme, email_address: edsger })
    const { member_session } = await authenticate({ session_token })
    expect(member_session?.authentication_factors).toHaveLength(2)
    await links.loginOrSignup({ ...acme, email_address: barbara })
    const foreign = authenticate({ session_token })
    expect(await errorOf(foreign)).toEqual([400, 'member_session_member_id_mismatch'])
    expect(await authenticate()).toMatchObject({ member: { email_address: barbara } })
  })
})
