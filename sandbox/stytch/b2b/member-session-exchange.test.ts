import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { errorOf, startForTests } from '../fixture.ts'
import { startMemberSession } from './member-sessions.ts'

const standIn = await startForTests()
const { b2b, control, project } = standIn
beforeEach(() => control('POST', 'reset'))
afterAll(standIn.close)

const email = 'edsger@acme.example'
const initech = { organization_id: 'initech' }

async function tokenIn(organization: string): Promise<string> {
  const { body } = await control('POST', 'b2b/session', { email, organization })
  return body.session_token
}

/** A session with the factors, which the control route cannot open. */
async function tokenWith(...factors: { type: string; delivery_method: string }[]) {
  const members = [...project.b2b.store.members.values()]
  const record = members.find(({ member }) => member.is_admin)
  if (!record) throw new Error('The seed has no administrator.')
  const options = { minutes: 60, claims: {} }
  return (await startMemberSession(project, record, factors, options)).session_token
}

describe('an exchange', () => {
  it('opens a session in the other organization, and the first one stays', async () => {
    const session_token = await tokenIn('acme')
    const answer = await b2b.sessions.exchange({ ...initech, session_token })
    expect(answer).toMatchObject({
      member_authenticated: true,
      intermediate_session_token: '',
      organization: { organization_slug: 'initech' },
      member: { email_address: email },
      member_session: {
        organization_slug: 'initech',
        roles: ['stytch_member'],
        authentication_factors: [{ type: 'magic_link', delivery_method: 'email' }],
      },
    })
    expect(answer.session_token).not.toBe(session_token)
    expect(answer).not.toHaveProperty('organization_id')
    const authenticated = await b2b.sessions.authenticate({ session_token })
    expect(authenticated.organization.organization_slug).toBe('acme')
    expect(answer.member_id).not.toBe(authenticated.member.member_id)
  })

  it('takes a JWT, and lasts one hour or the duration', async () => {
    const { body } = await control('POST', 'b2b/session', { email, organization: 'acme' })
    const { session_jwt } = body
    const lengths = [undefined, 10].map(async (session_duration_minutes) => {
      const request = { ...initech, session_jwt, session_duration_minutes }
      const { member_session } = await b2b.sessions.exchange(request)
      const { started_at = '', expires_at = '' } = member_session ?? {}
      return (Date.parse(expires_at) - Date.parse(started_at)) / 60_000
    })
    expect(await Promise.all(lengths)).toEqual([60, 10])
  })

  it('accepts an invite', async () => {
    await control('PUT', 'b2b/member', { email, organization: 'initech', status: 'invited' })
    const session_token = await tokenIn('acme')
    const { member } = await b2b.sessions.exchange({ ...initech, session_token })
    expect(member.status).toBe('active')
  })

  it('gives an intermediate session when the organization does not allow the method', async () => {
    const session_token = await tokenIn('acme')
    await b2b.organizations.update({
      ...initech,
      auth_methods: 'RESTRICTED',
      allowed_auth_methods: ['password'],
    })
    const answer = await b2b.sessions.exchange({ ...initech, session_token })
    expect(answer).toMatchObject({
      member_authenticated: false,
      session_token: '',
      session_jwt: '',
      primary_required: { allowed_auth_methods: ['password'] },
    })
    expect(answer.intermediate_session_token).not.toBe('')
    expect(answer.member_session).toBeUndefined()
  })

  it('lets a break-glass member past the methods of the organization', async () => {
    await b2b.organizations.update({
      ...initech,
      auth_methods: 'RESTRICTED',
      allowed_auth_methods: ['sso'],
    })
    const { members } = b2b.organizations
    const { member_id } = await members.get({ ...initech, email_address: email })
    await members.update({ ...initech, member_id, is_breakglass: true })
    const session_token = await tokenIn('acme')
    const answer = await b2b.sessions.exchange({ ...initech, session_token })
    expect(answer.member_authenticated).toBe(true)
  })

  it.each([
    ['password', 'knowledge'],
    ['imported', 'imported_auth0'],
  ])('carries no factor of the type %s over', async (type, delivery_method) => {
    const session_token = await tokenWith({ type, delivery_method })
    const answer = await b2b.sessions.exchange({ ...initech, session_token })
    expect(answer.member_authenticated).toBe(false)
    expect(answer.primary_required?.allowed_auth_methods).toContain('magic_link')
  })

  it('asks for a second factor when the organization requires one', async () => {
    await b2b.organizations.update({ ...initech, mfa_policy: 'REQUIRED_FOR_ALL' })
    await control('PUT', 'b2b/member', { email, organization: 'initech', totp: true })
    const session_token = await tokenIn('acme')
    const answer = await b2b.sessions.exchange({ ...initech, session_token })
    expect(answer).toMatchObject({ member_authenticated: false, session_token: '' })
    expect(answer.primary_required).toBeUndefined()
    expect(answer.mfa_required?.member_options?.totp_registration_id).toMatch(/^member-totp-test-/)
  })

  it('asks for a second factor when the member is enrolled', async () => {
    await control('PUT', 'b2b/member', { email, organization: 'initech', mfa_enrolled: true })
    const session_token = await tokenIn('acme')
    const answer = await b2b.sessions.exchange({ ...initech, session_token })
    expect(answer).toMatchObject({ member_authenticated: false, mfa_required: {} })
  })

  it('carries a code by SMS over only for the same phone, and where it is allowed', async () => {
    await b2b.organizations.update({ ...initech, mfa_policy: 'REQUIRED_FOR_ALL' })
    const session_token = await tokenWith(
      { type: 'magic_link', delivery_method: 'email' },
      { type: 'otp', delivery_method: 'sms' },
    )
    const phone = (organization: string, mfa_phone_number: string) =>
      control('PUT', 'b2b/member', { email, organization, mfa_phone_number })
    await phone('acme', '+31201234567')
    await phone('initech', '+31201234568')
    const other = await b2b.sessions.exchange({ ...initech, session_token })
    expect(other.member_authenticated).toBe(false)
    await phone('initech', '+31201234567')
    const same = await b2b.sessions.exchange({ ...initech, session_token })
    expect(same.member_authenticated).toBe(true)
    const onlyApps = { mfa_methods: 'RESTRICTED', allowed_mfa_methods: ['totp'] }
    await b2b.organizations.update({ ...initech, ...onlyApps })
    const restricted = await b2b.sessions.exchange({ ...initech, session_token })
    expect(restricted.member_authenticated).toBe(false)
  })
})

describe('refuses', () => {
  it('an organization without this person, although the domain may join', async () => {
    const session_token = await tokenIn('acme')
    const call = b2b.sessions.exchange({ organization_id: 'globex', session_token })
    expect(await errorOf(call)).toEqual([404, 'member_not_found'])
  })

  it('a deleted member and a locked member', async () => {
    const session_token = await tokenIn('acme')
    const target = { email, organization: 'initech' }
    await control('PUT', 'b2b/member', { ...target, locked: true })
    const locked = b2b.sessions.exchange({ ...initech, session_token })
    expect(await errorOf(locked)).toEqual([429, 'user_lock_limit_reached'])
    await control('PUT', 'b2b/member', { ...target, locked: false, status: 'deleted' })
    const deleted = b2b.sessions.exchange({ ...initech, session_token })
    expect(await errorOf(deleted)).toEqual([404, 'member_not_found'])
  })

  it('an unknown organization and a dead session', async () => {
    const session_token = await tokenIn('acme')
    const unknown = b2b.sessions.exchange({ organization_id: 'nowhere', session_token })
    expect(await errorOf(unknown)).toEqual([404, 'organization_not_found'])
    const dead = b2b.sessions.exchange({ ...initech, session_token: 'x' })
    expect(await errorOf(dead)).toEqual([404, 'session_not_found'])
  })
})
