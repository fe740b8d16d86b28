import { beforeEach, describe, expect, it } from 'vitest'
import { accounts } from '../../../db/schema'
import { deleteRecord } from '../../../legacy/auth0/management'
import { legacyConfig } from '../../../legacy/config'
import { organizations } from '../../../team/schema'
import { openMemberAccount } from '../../team/open-member-account'
import { drain } from '../drain'
import { queue } from '../queue'
import { deadJobs, mirrorStatus } from '../status'
import {
  auth0Mails,
  breakAuth0,
  eventsOf,
  legacyUsers,
  makeJobsDue,
  restoreAuth0,
  setUpTestBed,
} from '../testing'
import {
  createMember,
  join,
  legacyMembers,
  newMemberAddress,
  receiveTeamWebhook,
  reportMember,
} from './testing'

const bed = setUpTestBed()
beforeEach(async () => {
  await bed.stytch.control('POST', 'reset')
  for (const table of [accounts, organizations]) await bed.db.delete(table)
})

const nothingDone = { done: 0, failed: 0, pausedUntil: null }

describe('a member who joined at Stytch', () => {
  it('becomes an Auth0 user and a member of the Auth0 organization, without a mail', async () => {
    const { email, account } = await join(bed, 'acme')
    expect(await legacyUsers(bed, email)).toEqual([])
    await drain()
    expect(await legacyUsers(bed, email)).toMatchObject([{ email_verified: true }])
    expect((await legacyMembers(bed, 'acme')).get(email)).toEqual([])
    expect(await auth0Mails(bed)).toEqual([])
    expect(await eventsOf(bed, account)).toEqual(['mirror created member_joined'])
  })

  it('has the Auth0 roles that ORGANIZATION_ROLES maps to the roles at Stytch', async () => {
    const email = newMemberAddress()
    await createMember(bed, 'acme', { email, roles: ['stytch_admin', 'editor'] })
    await join(bed, 'acme', email)
    await drain()
    expect((await legacyMembers(bed, 'acme')).get(email)?.sort()).toEqual(['admin', 'editor'])
  })

  it('is one Auth0 user with two memberships in two organizations', async () => {
    const email = newMemberAddress()
    await createMember(bed, 'globex', { email, roles: ['editor'] })
    const acme = await join(bed, 'acme', email)
    const globex = await join(bed, 'globex', email)
    expect(globex.account.id).toBe(acme.account.id)
    expect(await drain()).toMatchObject({ done: 2 })
    expect(await legacyUsers(bed, email)).toHaveLength(1)
    expect((await legacyMembers(bed, 'acme')).get(email)).toEqual([])
    expect((await legacyMembers(bed, 'globex')).get(email)).toEqual(['editor'])
  })

  it('of an organization that only Stytch knows needs no job', async () => {
    const email = newMemberAddress()
    await createMember(bed, 'initech', { email })
    await join(bed, 'initech', email)
    expect(await drain()).toEqual(nothingDone)
    expect(await legacyUsers(bed, email)).toEqual([])
  })

  it('keeps the Auth0 user, the membership and the roles that they had before', async () => {
    const email = 'barbara@acme.example'
    await join(bed, 'acme', email)
    await drain()
    expect(await legacyUsers(bed, email)).toHaveLength(1)
    expect((await legacyMembers(bed, 'acme')).get(email)).toEqual(['admin'])
  })

  it('becomes a member later while Auth0 does not answer, and the job is visible until then', async () => {
    const { email } = await join(bed, 'acme')
    await breakAuth0(bed)
    expect(await drain()).toMatchObject({ done: 0, failed: 1 })
    expect(await mirrorStatus()).toMatchObject({ retrying: 1 })
    await restoreAuth0(bed)
    await makeJobsDue(bed)
    expect(await drain()).toMatchObject({ done: 1 })
    expect((await legacyMembers(bed, 'acme')).has(email)).toBe(true)
  })

  it('is named by an event while the mirror is off', async () => {
    const settings = legacyConfig()
    const { management } = settings
    settings.management = null
    try {
      const { account } = await join(bed, 'acme')
      expect(await eventsOf(bed, account)).toEqual(['mirror off not_configured'])
    } finally {
      settings.management = management
    }
  })

  it('is not written twice by a job that runs again', async () => {
    const { email } = await join(bed, 'acme')
    await drain()
    await join(bed, 'acme', email)
    expect(await drain()).toEqual(nothingDone)
  })
})

it('an admin who creates a member with a stranger’s address makes no Auth0 user and no mail', async () => {
  const email = newMemberAddress('example.com')
  await createMember(bed, 'globex', { email })
  const { opened } = await join(bed, 'globex', email)
  await bed.db.delete(accounts)
  await (await queue()).deleteAllJobs()
  // The admin runs the single sign-on of the organization, so the session proves nothing.
  const session = { ...opened, factors: { ...opened.factors, emails: [] } }
  const account = await openMemberAccount(session, opened.member)
  expect(account.provedEmail).toBeNull()
  await reportMember('UPDATE', opened.member.id)
  await drain()
  expect(await legacyUsers(bed, email)).toEqual([])
  expect(await auth0Mails(bed)).toEqual([])
})

it('a user who was deleted at Auth0 does not come back by a change of the member at Stytch', async () => {
  const { email, memberId } = await join(bed, 'acme')
  await drain()
  const [user] = await legacyUsers(bed, email)
  await deleteRecord(user?.user_id ?? '')
  await reportMember('UPDATE', memberId)
  expect(await drain()).toMatchObject({ done: 1 })
  expect(await legacyUsers(bed, email)).toEqual([])
})

describe('a change of a member at Stytch', () => {
  const update = (slug: string, memberId: string, change: object) =>
    bed.stytch.b2b.organizations.members.update({
      organization_id: slug,
      member_id: memberId,
      ...change,
    })

  it('gives and takes the mapped roles at Auth0', async () => {
    const { email, memberId } = await join(bed, 'acme')
    await drain()
    await update('acme', memberId, { roles: ['stytch_admin'] })
    await reportMember('UPDATE', memberId)
    await drain()
    expect((await legacyMembers(bed, 'acme')).get(email)).toEqual(['admin'])
    await update('acme', memberId, { roles: ['editor'] })
    await reportMember('UPDATE', memberId)
    await drain()
    expect((await legacyMembers(bed, 'acme')).get(email)).toEqual(['editor'])
  })

  it('of the name is written to a user of the mirror', async () => {
    const { email, memberId } = await join(bed, 'acme')
    await drain()
    await update('acme', memberId, { name: 'Annie Easley' })
    await reportMember('UPDATE', memberId)
    await drain()
    expect(await legacyUsers(bed, email)).toMatchObject([{ name: 'Annie Easley' }])
  })

  it('an admin of one organization cannot rename a person for the others', async () => {
    const email = newMemberAddress()
    await createMember(bed, 'globex', { email, name: 'Annie Easley' })
    const { memberId } = await join(bed, 'acme', email)
    await join(bed, 'globex', email)
    await drain()
    const [before] = await legacyUsers(bed, email)
    await update('acme', memberId, { name: 'Somebody Else' })
    await reportMember('UPDATE', memberId)
    await drain()
    expect(await legacyUsers(bed, email)).toEqual([expect.objectContaining({ name: before?.name })])
  })

  it('an admin who changes a member’s address does not get the Auth0 user of the person', async () => {
    const { email, memberId } = await join(bed, 'acme')
    await drain()
    const own = newMemberAddress()
    await update('acme', memberId, { email_address: own })
    await reportMember('UPDATE', memberId)
    await drain()
    expect(await legacyUsers(bed, own)).toEqual([])
    expect(await legacyUsers(bed, email)).toHaveLength(1)
  })
})

it('the members of an organization that is linked to Auth0 later become members there', async () => {
  const { organization } = await bed.stytch.b2b.organizations.get({ organization_id: 'acme' })
  const { organization_id, organization_external_id } = organization
  await bed.stytch.b2b.organizations.deleteExternalId({ organization_id })
  const { email } = await join(bed, 'acme')
  expect(await drain()).toEqual(nothingDone)
  await bed.stytch.b2b.organizations.update({ organization_id, organization_external_id })
  await receiveTeamWebhook({ action: 'UPDATE', object_type: 'organization', id: organization_id })
  expect(await drain()).toMatchObject({ done: 1 })
  expect((await legacyMembers(bed, 'acme')).has(email)).toBe(true)
})

it('a dead job names the organization', async () => {
  const { account, memberId } = await join(bed, 'acme')
  await bed.auth0.control('PUT', 'faults', [{ path: '/api/v2/users', status: 400, times: 10 }])
  await drain()
  expect(await deadJobs()).toMatchObject([
    { accountId: account.id, subject: memberId, organization: 'Acme', change: 'member_joined' },
  ])
})
