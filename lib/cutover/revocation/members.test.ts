import { beforeEach, describe, expect, it } from 'vitest'
import { appEnvironment, organizations as seeds } from '../../../sandbox/settings.ts'
import { serve } from '../../../sandbox/stytch/fixture.ts'
import { subjectsOf } from '../../account/account'
import { legacyConfig } from '../../legacy/config'
import { endSession } from '../../stytch/end-session'
import { recordMembership } from '../../team/membership'
import { rememberOrganization } from '../../team/organization'
import { organizations } from '../../team/schema'
import { memberIssuerName } from '../../team/stytch/issuer'
import { memberRevoker } from '../../team/stytch/revoke'
import { findLegacyRevocation } from '../migration/legacy-revocation'
import { drain } from '../mirror/drain'
import {
  createMember,
  type Joined,
  join,
  newMemberAddress,
  openCopy,
  openTeam,
  recordedMemberships,
} from '../mirror/team/testing'
import { eventsOf, makeJobsDue } from '../mirror/testing'
import { legacyAccount } from '../session/legacy-account'
import { memberSessionOfToken } from '../team/testing'
import { drainRevocations } from './drain'
import { revokeLater } from './jobs'
import { checkLegacyMembership } from './legacy-membership'
import { hear, management, post, setUpPeople } from './testing.ts'

/** A person is removed from an organization at Auth0, blocked or deleted there, and has members at Stytch. */

const bed = setUpPeople()
beforeEach(async () => {
  await bed.stytch.control('POST', 'reset')
  await bed.db.delete(organizations)
})

async function memberOfBoth() {
  const email = newMemberAddress()
  await createMember(bed, 'globex', { email })
  const acme = await join(bed, 'acme', email)
  const globex = await join(bed, 'globex', email)
  await drain()
  for (const member of [acme, globex]) await openTeam(bed, member)
  const [subject = ''] = await subjectsOf(acme.account, legacyConfig().issuer)
  const legacySession = async (organization: string) => {
    const claims = { sid: crypto.randomUUID() }
    const given = { email, organization, client: 'team', claims }
    const { body } = await bed.auth0.control('POST', 'token', given)
    return memberSessionOfToken(body.access_token)
  }
  const legacy = { acme: await legacySession('acme'), globex: await legacySession('globex') }
  return { acme, globex, subject, legacy }
}

const membersPath = `organizations/${seeds.acme.auth0Id}/members`
const removeFromAcme = (subject: string) =>
  management('DELETE', membersPath, { members: [subject] })

const removal = (subject: string, organization: string = seeds.acme.auth0Id) =>
  JSON.stringify({
    specversion: '1.0',
    type: 'organization.member.deleted',
    id: 'evt_1',
    data: { object: { organization: { id: organization }, user: { user_id: subject } } },
  })

const isAlive = ({ opened }: Joined): Promise<boolean> =>
  bed.stytch.b2b.sessions.authenticate({ session_token: opened.tokens.sessionToken }).then(
    () => true,
    () => false,
  )

describe('a member who was removed from one organization at Auth0', () => {
  it.each(['logs', 'events'] as const)(
    'loses its sessions alone, as told by %s',
    async (format) => {
      const { acme, globex, subject, legacy } = await memberOfBoth()
      const received: [string, string | undefined][] = []
      const receiver = await serve(async (request, response) => {
        let body = ''
        for await (const chunk of request) body += chunk
        received.push([body, request.headers.authorization])
        response.end()
      })
      try {
        const token = appEnvironment.AUTH0_WEBHOOK_SECRET
        await bed.auth0.control('PUT', 'log-stream', { url: receiver.url, token, format })
        await removeFromAcme(subject)
        await expect.poll(() => received.length).toBe(1)
      } finally {
        await receiver.close()
      }
      const [[body, authorization] = ['', undefined]] = received
      expect(await post(body, authorization)).toEqual([200, 'enqueued'])
      await drainRevocations()
      expect(await openCopy(acme)).toBe('session_ended')
      expect(await isAlive(acme)).toBe(false)
      expect(await findLegacyRevocation(legacy.acme)).toBe('session_ended')
      expect(await openCopy(globex)).toBeNull()
      expect(await isAlive(globex)).toBe(true)
      expect(await findLegacyRevocation(legacy.globex)).toBeNull()
      expect(await recordedMemberships(bed, acme.account)).toHaveLength(1)
      expect(await eventsOf(bed, acme.account)).toContain(
        'deprovision sessions_ended legacy_member_removed',
      )
    },
  )
})

it('a removed member without a member at Stytch leaves the page of the team', async () => {
  const email = 'claude@acme.example'
  const { body } = await bed.auth0.control('POST', 'token', {
    email,
    organization: 'acme',
    client: 'team',
  })
  const session = await memberSessionOfToken(body.access_token)
  const account = await legacyAccount(session)
  const legacyId = seeds.acme.auth0Id
  const { id } = await rememberOrganization({
    slug: 'acme',
    name: 'Acme',
    stytchId: null,
    legacyId,
  })
  const member = { organizationId: id, accountId: account.id, roles: [] }
  await recordMembership({ ...member, lane: 'legacy' })
  await removeFromAcme(session.subject)
  await checkLegacyMembership(
    { subject: session.subject, legacyOrganizationId: legacyId },
    new Date(),
  )
  expect(await recordedMemberships(bed, account)).toEqual([])
  expect(await findLegacyRevocation(session)).toBe('session_ended')
})

describe('a message about a removal', () => {
  it('that Auth0 does not confirm ends no session', async () => {
    const { acme, subject, legacy } = await memberOfBoth()
    expect(await post(removal(subject))).toEqual([200, 'enqueued'])
    await drainRevocations()
    expect(await openCopy(acme)).toBeNull()
    expect(await findLegacyRevocation(legacy.acme)).toBeNull()
  })

  it.each([
    ['about a user without an account', removal('auth0|nobody')],
    ['of an unknown form', JSON.stringify({ type: 'organization.member.deleted', data: {} })],
  ])('%s is ignored', async (_, body) => {
    expect(await post(body)).toEqual([200, 'ignored'])
  })

  it('cannot be made by a login whose log looks like a removal', async () => {
    const { subject } = await memberOfBoth()
    const request = {
      method: 'delete',
      path: `/api/v2/${membersPath}`,
      body: { members: [subject] },
    }
    const log = { type: 's', details: { request } }
    expect(await post(JSON.stringify({ log_id: '1', data: log }))).toEqual([200, 'ignored'])
    expect(await post(JSON.stringify({ log_id: '1', data: { ...log, type: 'sapi' } }))).toEqual([
      200,
      'enqueued',
    ])
  })
})

describe.each([
  ['blocked', { method: 'PATCH', body: { blocked: true } }, 'user.updated', 'user_deleted'],
  ['deleted', { method: 'DELETE', body: undefined }, 'user.deleted', 'session_ended'],
])('a member whose Auth0 user was %s', (_, { method, body }, type, code) => {
  it('keeps no session of any organization', async () => {
    const { acme, globex, subject, legacy } = await memberOfBoth()
    await management(method, `users/${encodeURIComponent(subject)}`, body)
    await hear(subject, type)
    for (const member of [acme, globex]) {
      expect(await openCopy(member)).toBe(code)
      expect(await isAlive(member)).toBe(false)
    }
    for (const session of [legacy.acme, legacy.globex]) {
      expect(await findLegacyRevocation(session)).toBe(code)
    }
  })
})

it('a member’s session that Stytch did not revoke at sign-out is revoked later', async () => {
  const acme = await join(bed, 'acme')
  const { sessionId, tokens } = acme.opened
  const issuer = memberIssuerName(acme.organizationId)
  const session = { issuer, sessionId, expiresAt: tokens.expiresAt }
  await bed.stytch.control('PUT', 'faults', [{ path: '/v1/b2b/sessions/revoke', drop: true }])
  await endSession(session, 'signed_out', new Date(), revokeLater(session), memberRevoker)
  await bed.stytch.control('DELETE', 'faults')
  expect(await isAlive(acme)).toBe(true)
  expect(await openCopy(acme)).toBe('session_ended')
  await makeJobsDue(bed)
  await drainRevocations()
  expect(await isAlive(acme)).toBe(false)
})
