import type { StytchClientOptions } from '@stytch/nextjs/b2b'
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { stytchB2bProject, stytchProject } from '../../settings.ts'
import { installBrowser } from '../browser-globals.ts'
import { startForTests } from '../fixture.ts'

const standIn = await startForTests()
const browser = installBrowser('http://localhost:3000')
// Imported after the browser globals are installed: the SDK looks for localStorage when it is loaded.
const { StytchB2BClient } = await import('@stytch/nextjs/b2b/headless')

const options: StytchClientOptions & { endpoints: Record<string, string> } = {
  endpoints: {
    testAPIURL: standIn.url,
    liveAPIURL: standIn.url,
    dfpBackendURL: standIn.url,
    clientsideServicesIframeURL: `${standIn.url}/clientside-services/index.html`,
  },
}
// The SDK warns about a second client on a page. Each test stands for a page of its own.
vi.spyOn(console, 'warn').mockReturnValue()
const newClient = () => new StytchB2BClient(stytchB2bProject.publicToken, options)

const edsger = 'edsger@acme.example'
const barbara = 'barbara@acme.example'
const strong = 'violet tractor umbrella 42'
const stronger = 'seven quiet lanterns over Oslo'
const sixty = { session_duration_minutes: 60 }
const lastCode = async () => (await standIn.lastMessage()).code ?? ''
const idOf = async (organization_id: string) =>
  (await standIn.b2b.organizations.get({ organization_id })).organization.organization_id
const typeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'the call succeeded',
    (error) => error.error_type,
  )

beforeEach(async () => {
  browser.forget()
  await standIn.control('POST', 'reset')
})
afterAll(async () => {
  await standIn.close()
  vi.unstubAllGlobals()
})

describe('the B2B browser SDK', () => {
  it('loads the settings of the B2B project', async () => {
    const problem = vi.spyOn(console, 'error').mockReturnValue()
    newClient()
    const key = `stytch_sdk_state_${stytchB2bProject.publicToken}::bootstrap`
    const loaded = () => JSON.parse(localStorage.getItem(key) ?? '{}')
    await expect.poll(loaded).toMatchObject({ vertical: 'B2B' })
    expect(problem).not.toHaveBeenCalled()
    problem.mockRestore()
  })

  it('logs in to an organization by magic link with PKCE, and signs out', async () => {
    const client = newClient()
    const { organization } = await client.organization.getBySlug({ organization_slug: 'acme' })
    const organization_id = organization?.organization_id ?? ''
    await client.magicLinks.email.loginOrSignup({ email_address: edsger, organization_id })
    const magic_links_token = await standIn.lastToken()
    const stolen = standIn.b2b.magicLinks.authenticate({ magic_links_token })
    expect(await typeOf(stolen)).toBe('pkce_expected_code_verifier')

    const signedIn = await client.magicLinks.authenticate({ magic_links_token, ...sixty })
    expect(signedIn.member_authenticated).toBe(true)
    expect(browser.cookies()).toMatchObject({
      stytch_session: signedIn.session_token,
      stytch_session_jwt: signedIn.session_jwt,
    })
    await client.session.authenticate(sixty)
    expect((await client.self.get())?.email_address).toBe(edsger)
    expect((await client.organization.get())?.organization_slug).toBe('acme')
    await client.session.revoke()
    expect(browser.cookies()).toEqual({})
  })

  it('logs in by discovery, keeps the intermediate session in a cookie, and switches', async () => {
    const client = newClient()
    await client.magicLinks.email.discovery.send({ email_address: edsger })
    const found = await client.magicLinks.discovery.authenticate({
      discovery_magic_links_token: await standIn.lastToken(),
    })
    expect(found.discovered_organizations).toHaveLength(2)
    expect(browser.cookies()).toHaveProperty('stytch_intermediate_session_token')
    expect((await client.discovery.organizations.list()).discovered_organizations).toHaveLength(2)

    const organization_id = await idOf('acme')
    await client.discovery.intermediateSessions.exchange({ organization_id, ...sixty })
    expect(browser.cookies()).not.toHaveProperty('stytch_intermediate_session_token')
    expect(client.organization.getSync()?.organization_slug).toBe('acme')
    expect((await client.discovery.organizations.list()).discovered_organizations).toHaveLength(2)
    await client.session.exchange({ organization_id: await idOf('initech'), ...sixty })
    expect(client.organization.getSync()?.organization_slug).toBe('initech')
  })

  it('logs in by code, in an organization and in discovery', async () => {
    const client = newClient()
    const organization_id = await idOf('acme')
    await client.otps.email.loginOrSignup({ email_address: barbara, organization_id })
    const request = { email_address: barbara, organization_id, ...sixty }
    await client.otps.email.authenticate({ ...request, code: await lastCode() })
    expect(client.self.getSync()?.status).toBe('active')

    await client.otps.email.discovery.send({ email_address: edsger })
    const found = await client.otps.email.discovery.authenticate({
      email_address: edsger,
      code: await lastCode(),
    })
    expect(found.discovered_organizations).toHaveLength(2)
  })

  it('makes an organization', async () => {
    const client = newClient()
    const email_address = 'anita@newco.example'
    await client.otps.email.discovery.send({ email_address })
    await client.otps.email.discovery.authenticate({ email_address, code: await lastCode() })
    const { organization } = await client.discovery.organizations.create({
      organization_name: 'Newco',
      organization_slug: 'newco',
      ...sixty,
    })
    expect(organization?.organization_slug).toBe('newco')
    expect(client.self.getSync()?.is_admin).toBe(true)
  })

  it('sets, checks and resets a password', async () => {
    const client = newClient()
    const organization_id = await idOf('acme')
    await client.otps.email.loginOrSignup({ email_address: edsger, organization_id })
    const login = { email_address: edsger, organization_id, ...sixty }
    await client.otps.email.authenticate({ ...login, code: await lastCode() })
    const { valid_password } = await client.passwords.strengthCheck({ password: strong })
    expect(valid_password).toBe(true)
    await client.passwords.resetBySession({ password: strong })
    await client.session.revoke()

    const wrong = client.passwords.authenticate({ ...login, password: 'wrong' })
    expect(await typeOf(wrong)).toBe('unauthorized_credentials')
    await client.passwords.authenticate({ ...login, password: strong })
    await client.passwords.resetByEmailStart({ email_address: edsger, organization_id })
    await client.passwords.resetByEmail({
      password_reset_token: await standIn.lastToken(),
      password: stronger,
      ...sixty,
    })
    await client.passwords.resetByExistingPassword({
      ...login,
      existing_password: stronger,
      new_password: strong,
    })
    const found = await client.passwords.discovery.authenticate({
      email_address: edsger,
      password: strong,
    })
    expect(found.discovered_organizations).toHaveLength(2)
    await client.passwords.discovery.resetByEmailStart({ email_address: edsger })
    await client.passwords.discovery.resetByEmail({
      password_reset_token: await standIn.lastToken(),
      password: stronger,
    })
  })

  it('keeps the intermediate session of a member until the second factor', async () => {
    const organization_id = await idOf('acme')
    await standIn.b2b.organizations.update({ organization_id, mfa_policy: 'REQUIRED_FOR_ALL' })
    const client = newClient()
    await client.magicLinks.email.loginOrSignup({ email_address: edsger, organization_id })
    const answer = await client.magicLinks.authenticate({
      magic_links_token: await standIn.lastToken(),
      ...sixty,
    })
    expect(answer).toMatchObject({ member_authenticated: false, mfa_required: {} })
    expect(client.session.getSync()).toBeNull()
    expect(Object.keys(browser.cookies())).toEqual(['stytch_intermediate_session_token'])

    const { member_id } = answer
    const mfa_phone_number = '+15005550006'
    await client.otps.sms.send({ organization_id, member_id, mfa_phone_number })
    const code = await lastCode()
    await client.otps.sms.authenticate({ organization_id, member_id, code, ...sixty })
    expect(client.self.getSync()?.mfa_enrolled).toBe(true)
    expect(browser.cookies()).not.toHaveProperty('stytch_intermediate_session_token')
  })

  it('lets an admin manage the organization, and a member only the own profile', async () => {
    const client = newClient()
    const login = async (email_address: string, organization_id: string) => {
      await client.otps.email.loginOrSignup({ email_address, organization_id })
      const code = await lastCode()
      await client.otps.email.authenticate({ email_address, organization_id, code, ...sixty })
    }
    await login(edsger, await idOf('acme'))
    await client.magicLinks.email.invite({ email_address: barbara })
    expect(await standIn.lastMessage()).toMatchObject({ to: barbara, kind: 'invite' })
    const { members } = await client.organization.members.search({})
    expect(members.map(({ email_address }) => email_address).sort()).toEqual([barbara, edsger])
    await client.organization.update({ organization_name: 'Acme Inc.' })
    expect(client.organization.getSync()?.organization_name).toBe('Acme Inc.')
    const { member_id } = await client.organization.members.create({
      email_address: 'claude@acme.example',
    })
    const renamed = await client.organization.members.update({ member_id, name: 'Claude' })
    expect(renamed.member.name).toBe('Claude')
    await client.organization.members.delete(member_id)
    await client.self.update({ name: 'E. W. Dijkstra' })
    expect(client.self.getSync()?.name).toBe('E. W. Dijkstra')

    // In Initech, Edsger has no role but the one of every member.
    await client.session.exchange({ organization_id: await idOf('initech'), ...sixty })
    const denied = 'session_authorization_error'
    expect(await typeOf(client.organization.members.search({}))).toBe(denied)
    expect(await typeOf(client.magicLinks.email.invite({ email_address: barbara }))).toBe(denied)
    expect(await typeOf(client.organization.update({ organization_name: 'Mine' }))).toBe(denied)
    const roles = { member_id: client.self.getSync()?.member_id ?? '', roles: ['stytch_admin'] }
    expect(await typeOf(client.organization.members.update(roles))).toBe(denied)
  })

  it('logs in to another organization over the session of the first', async () => {
    const client = newClient()
    for (const slug of ['acme', 'initech']) {
      const organization_id = await idOf(slug)
      await client.otps.email.loginOrSignup({ email_address: edsger, organization_id })
      const code = await lastCode()
      const request = { email_address: edsger, organization_id, code, ...sixty }
      await client.otps.email.authenticate(request)
      expect(client.organization.getSync()?.organization_slug).toBe(slug)
    }
  })
})

describe('the B2B front-end API', () => {
  const post = (path: string, body: unknown, publicToken = stytchB2bProject.publicToken) =>
    browser.realFetch(`${standIn.url}/sdk/v1/b2b${path}`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${btoa(`${publicToken}:${publicToken}`)}`,
        origin: 'http://localhost:3000',
      },
      body: JSON.stringify(body),
    })

  it('refuses the public token of the consumer project', async () => {
    const slug = { organization_slug: 'acme' }
    const response = await post('/organizations/search', slug, stytchProject.publicToken)
    expect(response.status).toBe(401)
  })

  it('shows a visitor how to log in to an organization, and nothing else of it', async () => {
    const response = await post('/organizations/search', { organization_slug: 'acme' })
    const { organization } = (await response.json()).data
    expect(organization).toMatchObject({ organization_name: 'Acme' })
    expect(organization).not.toHaveProperty('trusted_metadata')
    expect(organization).not.toHaveProperty('organization_external_id')
    const unknown = await post('/organizations/search', { organization_slug: 'nowhere' })
    expect(await unknown.json()).toMatchObject({ data: { organization: null } })
  })

  it.each([
    [edsger, { member_id: expect.stringMatching(/^member-test-/) }],
    ['nobody@acme.example', null],
  ])('tells the password form whether %s is a member', async (email_address, member) => {
    const organization_id = 'acme'
    const response = await post('/organizations/members/search', { email_address, organization_id })
    expect((await response.json()).data.member).toEqual(member)
  })

  it('refuses requests that need a session', async () => {
    for (const path of ['/sessions/authenticate', '/organizations/me/members/search']) {
      const response = await post(path, {})
      expect(await response.json()).toMatchObject({ error_type: 'user_unauthenticated' })
    }
  })

  it('refuses the session of a deleted member', async () => {
    const found = await post('/organizations/members/search', {
      email_address: edsger,
      organization_id: 'acme',
    })
    const { member_id } = (await found.json()).data.member
    await standIn.b2b.otps.email.loginOrSignup({ organization_id: 'acme', email_address: edsger })
    const { session_token } = await standIn.b2b.otps.email.authenticate({
      organization_id: 'acme',
      email_address: edsger,
      code: await lastCode(),
    })
    await standIn.b2b.organizations.members.delete({ organization_id: 'acme', member_id })
    browser.setCookie('stytch_session', session_token)
    const client = newClient()
    await expect.poll(() => browser.cookies()).toEqual({})
    expect(client.session.getSync()).toBeNull()
  })
})
