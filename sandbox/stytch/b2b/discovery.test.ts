import { createHash } from 'node:crypto'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { errorOf, startForTests } from '../fixture.ts'

const standIn = await startForTests()
const { b2b } = standIn
const { discovery } = b2b.magicLinks.email

const edsger = 'edsger@acme.example'
const barbara = 'barbara@acme.example'

beforeEach(() => standIn.control('POST', 'reset'))
afterAll(standIn.close)

/** Proves the address by a magic link. */
async function discover(email_address: string) {
  await discovery.send({ email_address })
  const discovery_magic_links_token = await standIn.lastToken()
  return b2b.magicLinks.discovery.authenticate({ discovery_magic_links_token })
}

const exchange = (intermediate_session_token: string, organization_id: string) =>
  b2b.discovery.intermediateSessions.exchange({
    intermediate_session_token,
    organization_id,
    session_duration_minutes: 60,
  })

describe('the mail', () => {
  it('opens the page of the app with a discovery token', async () => {
    const discovery_redirect_url = 'http://localhost:3000/team/authenticate'
    await discovery.send({ email_address: edsger, discovery_redirect_url })
    const message = await standIn.lastMessage()
    expect(message).toMatchObject({ to: edsger, kind: 'login_link' })
    const response = await fetch(message.link ?? '', { redirect: 'manual' })
    const target = new URL(response.headers.get('location') ?? '')
    expect(target.origin + target.pathname).toBe(discovery_redirect_url)
    expect(Object.fromEntries(target.searchParams)).toEqual({
      stytch_redirect_type: 'login',
      stytch_token_type: 'discovery',
      token: await standIn.lastToken(),
    })
  })

  it('needs the verifier of the browser that has asked for it', async () => {
    const verifier = 'a-verifier-of-the-browser'
    const pkce_code_challenge = createHash('sha256').update(verifier).digest('base64url')
    await discovery.send({ email_address: edsger, pkce_code_challenge })
    const discovery_magic_links_token = await standIn.lastToken()
    const authenticate = (proof: object) =>
      b2b.magicLinks.discovery.authenticate({ discovery_magic_links_token, ...proof })
    expect(await errorOf(authenticate({}))).toEqual([400, 'pkce_expected_code_verifier'])
    const wrong = authenticate({ pkce_code_verifier: 'another' })
    expect(await errorOf(wrong)).toEqual([400, 'pkce_mismatch'])
    const found = await authenticate({ pkce_code_verifier: verifier })
    expect(found.email_address).toBe(edsger)
  })

  it('goes to everyone, so that the answer does not tell who is a member', async () => {
    await discovery.send({ email_address: 'nobody@nowhere.example' })
    expect(await standIn.lastMessage()).toMatchObject({ to: 'nobody@nowhere.example' })
    const { discovered_organizations } = await discover('nobody@nowhere.example')
    expect(discovered_organizations).toEqual([])
  })
})

describe('the list of organizations', () => {
  it('has the memberships, and what the intermediate session is enough for', async () => {
    const { discovered_organizations } = await discover(edsger)
    expect(discovered_organizations).toMatchObject([
      {
        organization: { organization_slug: 'acme' },
        membership: { type: 'active_member', member: { email_address: edsger } },
        member_authenticated: true,
      },
      { organization: { organization_slug: 'initech' }, member_authenticated: true },
    ])
  })

  it('has an organization that the domain may join, and not the one that is closed', async () => {
    const { discovered_organizations } = await discover(barbara)
    expect(discovered_organizations).toMatchObject([
      {
        organization: { organization_slug: 'acme' },
        membership: {
          type: 'eligible_to_join_by_email_domain',
          details: { domain: 'acme.example' },
        },
      },
    ])
  })

  it('does not offer a domain that no member of the organization has proved', async () => {
    await b2b.organizations.update({
      organization_id: 'globex',
      email_jit_provisioning: 'RESTRICTED',
      email_allowed_domains: ['victim.example'],
    })
    // Neither counts: an address of the domain that is not verified, and a verified one of another domain.
    for (const email_address of ['squatter@victim.example', 'dorothy@globex.example']) {
      await b2b.organizations.members.create({ organization_id: 'globex', email_address })
    }
    await b2b.otps.email.loginOrSignup({
      organization_id: 'globex',
      email_address: 'dorothy@globex.example',
    })
    await b2b.otps.email.authenticate({
      organization_id: 'globex',
      email_address: 'dorothy@globex.example',
      code: (await standIn.lastMessage()).code ?? '',
    })
    const found = await discover('ceo@victim.example')
    expect(found.discovered_organizations).toEqual([])
    const call = exchange(found.intermediate_session_token, 'globex')
    expect(await errorOf(call)).toEqual([400, 'email_jit_provisioning_not_allowed'])
  })

  it('has an invitation, which the exchange accepts', async () => {
    const organization_id = 'initech'
    await b2b.magicLinks.email.invite({ organization_id, email_address: barbara })
    const { discovered_organizations, intermediate_session_token } = await discover(barbara)
    const types = discovered_organizations.map(({ membership }) => membership?.type)
    expect(types).toEqual(['eligible_to_join_by_email_domain', 'invited_member'])
    const { member } = await exchange(intermediate_session_token, organization_id)
    expect(member).toMatchObject({ status: 'active', email_address_verified: true })
  })

  it('lists again without using up the token, for both kinds of session', async () => {
    const { intermediate_session_token } = await discover(barbara)
    const list = () => b2b.discovery.organizations.list({ intermediate_session_token })
    expect((await list()).discovered_organizations).toHaveLength(1)
    expect((await list()).email_address).toBe(barbara)
    const { session_token } = await exchange(intermediate_session_token, 'acme')
    const ofMember = await b2b.discovery.organizations.list({ session_token })
    expect(ofMember.discovered_organizations).toMatchObject([
      { membership: { type: 'active_member' } },
    ])
  })
})

describe('the exchange', () => {
  it('logs in to one organization, and switches to another by the session', async () => {
    const { intermediate_session_token } = await discover(edsger)
    const acme = await exchange(intermediate_session_token, 'acme')
    expect(acme.member_session?.organization_slug).toBe('acme')
    const initech = await b2b.sessions.exchange({
      session_token: acme.session_token,
      organization_id: 'initech',
    })
    expect(initech).toMatchObject({
      member_authenticated: true,
      member: { email_address: edsger },
      member_session: { organization_slug: 'initech' },
    })
    expect(initech.member_id).not.toBe(acme.member_id)
  })

  it('uses the intermediate session once', async () => {
    const { intermediate_session_token } = await discover(edsger)
    await exchange(intermediate_session_token, 'acme')
    const again = exchange(intermediate_session_token, 'initech')
    expect(await errorOf(again)).toEqual([404, 'intermediate_session_not_found'])
  })

  it('refuses an intermediate session after ten minutes', async () => {
    const { intermediate_session_token } = await discover(edsger)
    await standIn.setClock(601)
    const late = exchange(intermediate_session_token, 'acme')
    expect(await errorOf(late)).toEqual([404, 'intermediate_session_not_found'])
  })

  it('refuses an organization that the person may not join', async () => {
    const { intermediate_session_token } = await discover(barbara)
    const call = exchange(intermediate_session_token, 'globex')
    expect(await errorOf(call)).toEqual([400, 'email_jit_provisioning_not_allowed'])
  })

  it('refuses a deleted member, by discovery, by mail and by code', async () => {
    const organization_id = 'acme'
    // Another member has proved an address of the domain, so the domain alone could join.
    const colleague = await discover(barbara)
    await exchange(colleague.intermediate_session_token, organization_id)
    const before = await discover(edsger)
    const found = await b2b.organizations.members.get({ organization_id, email_address: edsger })
    await b2b.organizations.members.delete({ organization_id, member_id: found.member_id })

    const call = exchange(before.intermediate_session_token, organization_id)
    expect(await errorOf(call)).toEqual([400, 'email_jit_provisioning_not_allowed'])
    const after = await discover(edsger)
    const slugs = after.discovered_organizations.map((each) => each.organization?.organization_slug)
    expect(slugs).toEqual(['initech'])
    const request = { organization_id, email_address: edsger }
    const byLink = b2b.magicLinks.email.loginOrSignup(request)
    expect(await errorOf(byLink)).toEqual([404, 'member_not_found'])
    const byCode = b2b.otps.email.loginOrSignup(request)
    expect(await errorOf(byCode)).toEqual([404, 'member_not_found'])
  })
})

describe('a new organization', () => {
  it('has the person as its admin', async () => {
    const { intermediate_session_token } = await discover('anita@newco.example')
    const answer = await b2b.discovery.organizations.create({ intermediate_session_token })
    expect(answer).toMatchObject({
      member_authenticated: true,
      organization: { organization_name: 'Newco', organization_slug: 'newco' },
      member: { status: 'active', email_address_verified: true, is_admin: true },
      member_session: { roles: ['stytch_member', 'stytch_admin'] },
    })
  })

  it('asks for a second factor when its settings do', async () => {
    const { intermediate_session_token } = await discover('anita@newco.example')
    const answer = await b2b.discovery.organizations.create({
      intermediate_session_token,
      organization_slug: 'careful',
      mfa_policy: 'REQUIRED_FOR_ALL',
    })
    expect(answer).toMatchObject({
      member_authenticated: false,
      session_token: '',
      mfa_required: {},
    })
  })
})
