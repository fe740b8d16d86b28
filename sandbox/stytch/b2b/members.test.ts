import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { organizations } from '../../settings.ts'
import { errorOf, startForTests } from '../fixture.ts'

const standIn = await startForTests()
const { b2b, control } = standIn
const { members } = b2b.organizations
beforeEach(() => control('POST', 'reset'))
afterAll(standIn.close)

const acme = { organization_id: 'acme' }
const barbara = 'barbara@acme.example'
const edsger = 'edsger@acme.example'
const edsgerOf = (organization_id: string) =>
  members.get({ organization_id, email_address: edsger }).then(({ member }) => member)

describe('members', () => {
  it('are created with external id, name, roles and metadata', async () => {
    const { member, member_id, organization } = await members.create({
      organization_id: organizations.acme.auth0Id,
      email_address: 'Barbara@Acme.example',
      external_id: 'auth0|b',
      name: 'Barbara Liskov',
      roles: ['editor'],
      trusted_metadata: { plan: 'pro' },
    })
    expect(member).toMatchObject({
      member_id,
      organization_id: organization.organization_id,
      email_address: barbara,
      email_address_verified: false,
      status: 'active',
      name: 'Barbara Liskov',
      external_id: 'auth0|b',
      is_admin: false,
      is_locked: false,
      trusted_metadata: { plan: 'pro' },
      roles: [
        { role_id: 'stytch_member', sources: [{ type: 'direct_assignment' }] },
        { role_id: 'editor', sources: [{ type: 'direct_assignment' }] },
      ],
    })
    expect(member_id).toMatch(/^member-test-[0-9a-f-]{36}$/)
  })

  it('are created as pending', async () => {
    const { member } = await members.create({
      ...acme,
      email_address: barbara,
      create_member_as_pending: true,
    })
    expect(member.status).toBe('pending')
  })

  it('are found by id, by external id and by address', async () => {
    const { member_id } = await members.create({
      ...acme,
      email_address: barbara,
      external_id: 'auth0|b',
    })
    for (const query of [{ member_id }, { member_id: 'auth0|b' }, { email_address: barbara }]) {
      expect((await members.get({ ...acme, ...query })).member_id).toBe(member_id)
    }
    expect((await members.dangerouslyGet({ member_id })).member_id).toBe(member_id)
  })

  it('may have the same address and the same external id in two organizations', async () => {
    const fields = { email_address: barbara, external_id: 'auth0|b' }
    const first = await members.create({ ...acme, ...fields })
    const second = await members.create({ organization_id: 'initech', ...fields })
    expect(second.member_id).not.toBe(first.member_id)
  })

  it('are updated, and assigned roles are replaced', async () => {
    const { member_id } = await edsgerOf('acme')
    const { member } = await members.update({
      ...acme,
      member_id,
      name: 'E. W. Dijkstra',
      roles: ['editor'],
      mfa_enrolled: true,
      mfa_phone_number: '+31201234567',
      default_mfa_method: 'sms_otp',
      untrusted_metadata: { theme: 'dark' },
    })
    expect(member).toMatchObject({
      name: 'E. W. Dijkstra',
      is_admin: false,
      mfa_enrolled: true,
      mfa_phone_number: '+31201234567',
      default_mfa_method: 'sms_otp',
      untrusted_metadata: { theme: 'dark' },
    })
    expect(member.roles.map(({ role_id }) => role_id)).toEqual(['stytch_member', 'editor'])
  })

  it('get roles from the domain of their address', async () => {
    await b2b.organizations.update({
      ...acme,
      rbac_email_implicit_role_assignments: [{ domain: 'acme.example', role_id: 'editor' }],
    })
    const { roles } = await edsgerOf('acme')
    expect(roles).toContainEqual({
      role_id: 'editor',
      sources: [{ type: 'email_assignment', details: { email_domain: 'acme.example' } }],
    })
  })

  it('keep an old address, and the new one is not verified', async () => {
    const { member_id } = await edsgerOf('acme')
    const email_address = 'dijkstra@acme.example'
    const { member } = await members.update({ ...acme, member_id, email_address })
    expect(member).toMatchObject({ email_address, email_address_verified: false })
    expect(member.retired_email_addresses).toMatchObject([{ email_address: edsger }])
    const stranger = members.create({ ...acme, email_address: edsger })
    expect(await errorOf(stranger)).toEqual([400, 'duplicate_member_email'])
    const back = await members.update({ ...acme, member_id, email_address: edsger })
    expect(back.member.email_address).toBe(edsger)
  })

  it('give up an old address with unlink_email', async () => {
    const { member_id } = await edsgerOf('acme')
    const email_address = 'dijkstra@acme.example'
    await members.update({ ...acme, member_id, email_address, unlink_email: true })
    const stranger = await members.create({ ...acme, email_address: edsger })
    expect(stranger.member.email_address).toBe(edsger)
  })

  it('lose their external id, phone number and authenticator app', async () => {
    const { member_id } = await members.create({
      ...acme,
      email_address: barbara,
      external_id: 'auth0|b',
      mfa_phone_number: '+31201234567',
    })
    await control('PUT', 'b2b/member', { organization: 'acme', email: barbara, totp: true })
    await members.deleteExternalId({ ...acme, member_id })
    await members.deleteMFAPhoneNumber({ ...acme, member_id })
    const { member } = await members.deleteTOTP({ ...acme, member_id })
    expect(member).toMatchObject({ mfa_phone_number: '', totp_registration_id: '' })
    expect(member.external_id).toBeUndefined()
    const expected = [404, 'member_phone_number_not_found']
    expect(await errorOf(members.deleteMFAPhoneNumber({ ...acme, member_id }))).toEqual(expected)
    expect(await errorOf(members.deleteTOTP({ ...acme, member_id }))).toEqual([
      404,
      'totp_not_found',
    ])
    const password = members.deletePassword({ ...acme, member_password_id: 'x' })
    expect(await errorOf(password)).toEqual([404, 'member_password_not_found'])
  })
})

describe('a deleted member', () => {
  it('loses the sessions, and is found only where deleted members are asked for', async () => {
    const { member_id } = await edsgerOf('acme')
    const session = await control('POST', 'b2b/session', { email: edsger, organization: 'acme' })
    const { session_token } = session.body
    await members.delete({ ...acme, member_id })
    const expected = [404, 'session_not_found']
    expect(await errorOf(b2b.sessions.authenticate({ session_token }))).toEqual(expected)
    const notFound = [404, 'member_not_found']
    expect(await errorOf(members.get({ ...acme, member_id }))).toEqual(notFound)
    expect(await errorOf(members.dangerouslyGet({ member_id }))).toEqual(notFound)
    const { member } = await members.dangerouslyGet({ member_id, include_deleted: true })
    expect(member.status).toBe('deleted')
  })

  it('is reactivated with the same id', async () => {
    const { member_id } = await edsgerOf('acme')
    await members.delete({ ...acme, member_id })
    const { member } = await members.reactivate({ ...acme, member_id })
    expect(member).toMatchObject({ member_id, status: 'active', is_admin: true })
  })

  it('is not reactivated when somebody else has the address', async () => {
    const { member_id } = await edsgerOf('acme')
    await members.delete({ ...acme, member_id })
    await members.create({ ...acme, email_address: edsger })
    const call = members.reactivate({ ...acme, member_id })
    expect(await errorOf(call)).toEqual([400, 'reactivation_email_belongs_to_another_member'])
  })

  it('is not reactivated when somebody else has the external id', async () => {
    const { member_id } = await edsgerOf('acme')
    const external_id = 'auth0|e'
    await members.update({ ...acme, member_id, external_id })
    await members.delete({ ...acme, member_id })
    await members.create({ ...acme, email_address: barbara, external_id })
    const call = members.reactivate({ ...acme, member_id })
    expect(await errorOf(call)).toEqual([400, 'duplicate_member_external_id'])
  })

  it('is not reactivated without a verified address', async () => {
    const { member_id } = await members.create({ ...acme, email_address: barbara })
    await members.delete({ ...acme, member_id })
    const call = members.reactivate({ ...acme, member_id })
    expect(await errorOf(call)).toEqual([400, 'member_has_no_active_verified_email'])
  })
})

describe('refuses', () => {
  it('a member of another organization, by id', async () => {
    const { member_id } = await edsgerOf('initech')
    const expected = [404, 'member_not_found']
    expect(await errorOf(members.get({ ...acme, member_id }))).toEqual(expected)
    expect(await errorOf(members.update({ ...acme, member_id, name: 'x' }))).toEqual(expected)
    expect(await errorOf(members.delete({ ...acme, member_id }))).toEqual(expected)
    const reactivate = members.reactivate({ ...acme, member_id })
    expect(await errorOf(reactivate)).toEqual([404, 'no_deleted_member_found_for_reactivation'])
  })

  it.each([
    ['duplicate_member_email', { email_address: 'EDSGER@acme.example' }],
    ['invalid_email', { email_address: 'barbara' }],
    ['bad_request', { external_id: 'a b' }],
    ['invalid_rbac_role_id', { roles: ['nobody'] }],
    ['cannot_assign_default_rbac_role_id', { roles: ['stytch_member'] }],
    ['invalid_phone_number', { mfa_phone_number: '0201234567' }],
  ])('a new member with %s, and creates none', async (type, fields) => {
    const create = members.create({ ...acme, email_address: barbara, ...fields })
    expect(await errorOf(create)).toEqual([400, type])
    const { members: found } = await members.search({ organization_ids: ['acme'] })
    expect(found).toHaveLength(1)
  })

  it('an external id that another member of the organization has', async () => {
    await members.create({ ...acme, email_address: barbara, external_id: 'auth0|b' })
    const create = members.create({
      ...acme,
      email_address: 'x@acme.example',
      external_id: 'auth0|b',
    })
    expect(await errorOf(create)).toEqual([400, 'duplicate_member_external_id'])
  })

  it('a second phone number', async () => {
    const { member_id } = await edsgerOf('acme')
    await members.update({ ...acme, member_id, mfa_phone_number: '+31201234567' })
    const second = members.update({ ...acme, member_id, mfa_phone_number: '+31201234568' })
    expect(await errorOf(second)).toEqual([400, 'duplicate_member_phone_number_for_member'])
  })

  it('a search for one member without an id and an address', async () => {
    expect(await errorOf(members.get(acme))).toEqual([400, 'invalid_member_get_fields'])
  })
})
