import { beforeEach, describe, expect, it } from 'vitest'
import { stytchProject } from '../../../../sandbox/settings.ts'
import { accounts, revocations } from '../../../db/schema'
import { organizationBySlug } from '../../../team/organization'
import { organizations } from '../../../team/schema'
import { findLegacyRevocation } from '../../migration/legacy-revocation'
import { memberSessionOfToken } from '../../team/testing'
import { drain } from '../drain'
import { eventsOf, legacyUsers, reportChange, setUpTestBed, signUp } from '../testing'
import {
  createMember,
  type Joined,
  join,
  legacyMembers,
  newMemberAddress,
  openCopy,
  openTeam,
  receiveTeamWebhook,
  recordedMemberships,
  reportMember,
} from './testing'

/** A member is removed at Stytch, or the whole organization. */

const bed = setUpTestBed()
beforeEach(async () => {
  await bed.stytch.control('POST', 'reset')
  for (const table of [accounts, organizations, revocations]) await bed.db.delete(table)
})

const ignored = { accepted: true, result: 'ignored' }
const enqueued = { accepted: true, result: 'enqueued' }

/** A person who is a member of both organizations at both providers. */
async function memberOfBoth() {
  const email = newMemberAddress()
  await createMember(bed, 'globex', { email })
  const acme = await join(bed, 'acme', email)
  const globex = await join(bed, 'globex', email)
  await drain()
  for (const member of [acme, globex]) await openTeam(bed, member)
  const legacy = {
    acme: await legacySession(email, 'acme'),
    globex: await legacySession(email, 'globex'),
  }
  return { email, acme, globex, legacy }
}

async function legacySession(email: string, organization: string) {
  const claims = { sid: crypto.randomUUID() }
  const { body } = await bed.auth0.control('POST', 'token', {
    email,
    organization,
    client: 'team',
    claims,
  })
  return memberSessionOfToken(body.access_token)
}

const remove = (slug: string, { memberId }: Joined) =>
  bed.stytch.b2b.organizations.members.delete({ organization_id: slug, member_id: memberId })

const later = () => new Date(Date.now() + 6 * 60_000)

describe('a copy of the JWT of a member who was removed at Stytch', () => {
  it('is refused at once after the webhook, on both lanes', async () => {
    const { acme, legacy } = await memberOfBoth()
    await remove('acme', acme)
    expect(await reportMember('DELETE', acme.memberId)).toEqual(enqueued)
    expect(await openCopy(acme)).toBe('session_ended')
    expect(await findLegacyRevocation(legacy.acme)).toBe('session_ended')
    expect(await eventsOf(bed, acme.account)).toContain(
      'deprovision sessions_ended stytch_member_removed',
    )
  })

  it('is refused at the next refresh without the webhook, which is within five minutes', async () => {
    const { acme } = await memberOfBoth()
    await remove('acme', acme)
    expect(await openCopy(acme)).toBeNull()
    expect(await openCopy(acme, later())).toBe('session_ended')
  })

  it('is refused after the webhook of an update too, when its job has read the member', async () => {
    const { acme } = await memberOfBoth()
    await remove('acme', acme)
    expect(await reportMember('UPDATE', acme.memberId)).toEqual(enqueued)
    await drain()
    expect(await openCopy(acme)).toBe('session_ended')
  })
})

describe('a member who was removed from one organization at Stytch', () => {
  it('keeps the sessions of another organization, on both lanes', async () => {
    const { acme, globex, legacy } = await memberOfBoth()
    await remove('acme', acme)
    await reportMember('DELETE', acme.memberId)
    await drain()
    expect(await openCopy(globex)).toBeNull()
    expect(await findLegacyRevocation(legacy.globex)).toBeNull()
    expect(await recordedMemberships(bed, acme.account)).toHaveLength(1)
  })

  it('loses this membership at Auth0, and keeps the Auth0 user and the other membership', async () => {
    const { email, acme } = await memberOfBoth()
    await remove('acme', acme)
    await reportMember('DELETE', acme.memberId)
    expect(await drain()).toMatchObject({ done: 1 })
    expect((await legacyMembers(bed, 'acme')).has(email)).toBe(false)
    expect((await legacyMembers(bed, 'globex')).has(email)).toBe(true)
    expect(await legacyUsers(bed, email)).toMatchObject([{ blocked: false }])
  })

  it('cannot use a legacy session of a sign-in after the webhook and before Auth0 is told', async () => {
    const { email, acme } = await memberOfBoth()
    await remove('acme', acme)
    await reportMember('DELETE', acme.memberId)
    const between = await legacySession(email, 'acme')
    await drain()
    expect(await findLegacyRevocation(between)).toBe('session_ended')
  })

  it('and reactivated before the message arrived keeps the membership at Auth0', async () => {
    const { email, acme } = await memberOfBoth()
    await remove('acme', acme)
    const ids = { organization_id: 'acme', member_id: acme.memberId }
    await bed.stytch.b2b.organizations.members.reactivate(ids)
    await reportMember('DELETE', acme.memberId)
    await drain()
    expect((await legacyMembers(bed, 'acme')).has(email)).toBe(true)
  })
})

describe('a webhook message about a member', () => {
  it.each([
    ['DELETE', 'a member'],
    ['UPDATE', 'a member'],
    ['DELETE', 'an organization'],
  ])(
    '%s of %s that is signed with the secret of the consumer project is refused',
    async (action, object_type) => {
      const { acme } = await memberOfBoth()
      const id = object_type === 'member' ? acme.memberId : acme.organizationId
      const { secret } = stytchProject.webhook
      const answer = await receiveTeamWebhook({ action, object_type, id }, { secret })
      expect(answer).toEqual({ accepted: false, code: 'project_unknown' })
      expect(await openCopy(acme)).toBeNull()
    },
  )

  it('that names the consumer project is refused with the secret of the B2B project', async () => {
    const { projectId } = stytchProject
    const event = { action: 'DELETE', object_type: 'user', id: 'user-1', project_id: projectId }
    expect(await receiveTeamWebhook(event)).toEqual({ accepted: false, code: 'project_unknown' })
  })

  it.each([
    ['about a member without an account', { action: 'DELETE', object_type: 'member' }],
    ['about a user', { action: 'DELETE', object_type: 'user' }],
    ['about a CREATE', { action: 'CREATE', object_type: 'member' }],
    ['about an organization that is not known', { action: 'DELETE', object_type: 'organization' }],
  ])('%s is ignored', async (_, event) => {
    expect(await receiveTeamWebhook({ ...event, id: 'never-seen' })).toEqual(ignored)
  })
})

describe('an organization', () => {
  const update = (slug: string, change: object) =>
    bed.stytch.b2b.organizations.update({ organization_id: slug, ...change })

  it('that was deleted at Stytch ends the sessions of its members there, and of nobody else', async () => {
    const { email, acme, globex, legacy } = await memberOfBoth()
    await bed.stytch.b2b.organizations.delete({ organization_id: 'acme' })
    const event = { action: 'DELETE', object_type: 'organization', id: acme.organizationId }
    expect(await receiveTeamWebhook(event)).toEqual(enqueued)
    expect(await openCopy(acme)).toBe('session_ended')
    expect(await openCopy(globex)).toBeNull()
    // The Auth0 organization still exists, so its members are still members.
    await reportMember('UPDATE', acme.memberId)
    await drain()
    expect((await legacyMembers(bed, 'acme')).has(email)).toBe(true)
    expect(await findLegacyRevocation(legacy.acme)).toBeNull()
  })

  it('with a new slug and name at Stytch has them here', async () => {
    const { acme } = await memberOfBoth()
    await update('acme', { organization_slug: 'acme-labs', organization_name: 'Acme Labs' })
    const event = { action: 'UPDATE', object_type: 'organization', id: acme.organizationId }
    expect(await receiveTeamWebhook(event)).toEqual(enqueued)
    expect(await organizationBySlug('acme')).toBeNull()
    expect(await organizationBySlug('acme-labs')).toMatchObject({ name: 'Acme Labs' })
  })
})

it('a person who deletes their user of the product keeps the Auth0 user that their team needs', async () => {
  const { email } = await join(bed, 'acme')
  const user = await signUp(bed, { email })
  await drain()
  await bed.stytch.stytch.users.delete({ user_id: user.userId })
  await reportChange(user, 'deleted')
  await drain()
  expect(await legacyUsers(bed, email)).toMatchObject([{ blocked: false }])
})
