import { decodeJwt } from 'jose'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { organizations } from '../../settings.ts'
import { startForTests } from '../fixture.ts'

const standIn = await startForTests()
const { b2b, control } = standIn
beforeEach(() => control('POST', 'reset'))
afterAll(standIn.close)

const edsger = { email: 'edsger@acme.example', organization: 'acme' }

describe('the control routes of the B2B project', () => {
  it('open a session by the external id of the organization, also for a new member', async () => {
    const { body } = await control('POST', 'b2b/session', {
      email: 'Zoe@Acme.example',
      organization: organizations.acme.auth0Id,
      minutes: 5,
    })
    const { session_token } = body
    const { member, organization } = await b2b.sessions.authenticate({ session_token })
    expect(organization.organization_slug).toBe('acme')
    expect(member).toMatchObject({
      email_address: 'zoe@acme.example',
      email_address_verified: true,
      status: 'active',
    })
  })

  it('change and remove claims of a session JWT', async () => {
    const claims = { sub: null, 'https://stytch.com/organization': { organization_id: 'x' } }
    const { body } = await control('POST', 'b2b/session', { ...edsger, claims })
    const decoded = decodeJwt(body.session_jwt)
    expect(decoded).toMatchObject({ 'https://stytch.com/organization': { organization_id: 'x' } })
    expect(decoded).not.toHaveProperty('sub')
  })

  it('list the organizations with their members', async () => {
    await control('POST', 'b2b/session', edsger)
    const { body } = await control('GET', 'b2b/organizations')
    expect(body[0]).toEqual({
      id: expect.stringMatching(/^organization-test-/),
      name: 'Acme',
      slug: 'acme',
      external_id: organizations.acme.auth0Id,
      members: [
        {
          id: expect.stringMatching(/^member-test-/),
          email: edsger.email,
          external_id: null,
          status: 'active',
          locked: false,
          roles: ['stytch_member', 'stytch_admin'],
          sessions: 1,
        },
      ],
    })
  })

  it('change the status, the lock, the second factor and the roles of a member', async () => {
    const { body } = await control('PUT', 'b2b/member', {
      ...edsger,
      status: 'invited',
      locked: true,
      mfa_enrolled: true,
      roles: ['editor'],
    })
    expect(body.member).toMatchObject({
      status: 'invited',
      is_locked: true,
      lock_expires_at: expect.stringMatching(/Z$/),
      mfa_enrolled: true,
      is_admin: false,
    })
    const unlocked = await control('PUT', 'b2b/member', { ...edsger, locked: false })
    expect(unlocked.body.member.is_locked).toBe(false)
    expect(unlocked.body.member).not.toHaveProperty('lock_expires_at')
  })

  it('end the sessions of a member who is deleted', async () => {
    await control('POST', 'b2b/session', edsger)
    await control('PUT', 'b2b/member', { ...edsger, status: 'deleted' })
    const { body } = await control('GET', 'b2b/organizations')
    expect(body[0].members).toMatchObject([{ status: 'deleted', sessions: 0 }])
  })

  it('refuse an unknown organization and an unknown member', async () => {
    const organization = 'nowhere'
    expect((await control('POST', 'b2b/session', { ...edsger, organization })).status).toBe(404)
    expect((await control('PUT', 'b2b/member', { ...edsger, organization })).status).toBe(404)
    const email = 'nobody@acme.example'
    expect((await control('PUT', 'b2b/member', { ...edsger, email })).status).toBe(404)
  })

  it('refuse an unknown role with the error of the API', async () => {
    const { status, body } = await control('PUT', 'b2b/member', { ...edsger, roles: ['nobody'] })
    expect([status, body.error.code]).toEqual([400, 'invalid_rbac_role_id'])
  })
})
