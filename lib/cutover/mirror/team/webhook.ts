import 'server-only'
import { and, eq, sql } from 'drizzle-orm'
import { type Account, findAccount } from '../../../account/account'
import { database } from '../../../db/database'
import { identities } from '../../../db/schema'
import { listIssuer } from '../../../revocation/revocation-list'
import { type Organization, organizationByStytchId } from '../../../team/organization'
import { organizations } from '../../../team/schema'
import { memberIssuerName } from '../../../team/stytch/issuer'
import { recordEvent } from '../../events/record'
import { mirrorChange } from '../enqueue'
import type { WebhookEvent } from '../webhook-event'
import { endMembership } from './end-membership'
import { updateOrganization } from './organization'

/**
 * Acts on an event of the B2B project. As with users, only the ids of the message count, and every CREATE is ignored.
 * @returns false when there is nothing to do
 * @throws {DatabaseUnavailable | StytchRefusal | ProviderFailure} and driver errors. Stytch then sends it again.
 */
export function receiveTeamEvent(
  event: WebhookEvent,
  messageId: string,
  now: Date,
): Promise<boolean> {
  if (event.action === 'CREATE') return Promise.resolve(false)
  if (event.object_type === 'member') return receiveMember(event, messageId, now)
  if (event.object_type === 'organization') return receiveOrganization(event, messageId, now)
  return Promise.resolve(false)
}

async function receiveMember(
  { id: memberId, action }: WebhookEvent,
  messageId: string,
  now: Date,
): Promise<boolean> {
  const known = await findMember(memberId)
  if (!known) return false
  const { account, organization } = known
  const member = { organizationId: organization.stytchId, memberId }
  const isRemoved = action === 'DELETE'
  const change = isRemoved ? 'member_removed' : 'member_changed'
  await mirrorChange({ ...member, accountId: account.id, change }, messageId)
  if (isRemoved) {
    // The job asks Stytch first, and a copy of the member's JWT must not work until then.
    await endMembership(account, member, organization, now)
    await record(organization.stytchId, memberId, account.id, 'stytch_member_removed', now)
  }
  return true
}

/** The account and the organization of a member. A message about a deleted member does not name the organization. */
async function findMember(
  memberId: string,
): Promise<{ account: Account; organization: Organization & { stytchId: string } } | null> {
  const db = await database()
  const [row] = await db
    .select({ organization: organizations })
    .from(organizations)
    .innerJoin(
      identities,
      and(
        // One lookup in the primary key of the identities for each organization.
        eq(identities.issuer, sql`${memberIssuerName('')}::text || ${organizations.stytchId}`),
        eq(identities.subject, memberId),
      ),
    )
  const stytchId = row?.organization.stytchId
  if (!row || !stytchId) return null
  const account = await findAccount({ issuer: memberIssuerName(stytchId), subject: memberId })
  return account && { account, organization: { ...row.organization, stytchId } }
}

async function receiveOrganization(
  { id: organizationId, action }: WebhookEvent,
  messageId: string,
  now: Date,
): Promise<boolean> {
  // Anybody may found an organization. Only one whose pages were opened is known here.
  const known = await organizationByStytchId(organizationId)
  if (!known) return false
  if (action === 'UPDATE') {
    const updated = await updateOrganization(organizationId)
    if (!known.legacyId && updated?.legacyId) await mirrorMembers(organizationId, messageId)
    return updated !== null
  }
  await listIssuer(memberIssuerName(organizationId), now)
  await record(organizationId, null, null, 'stytch_organization_deleted', now)
  return true
}

/** Mirrors the members of an organization that was linked to the legacy provider after they had joined. */
async function mirrorMembers(organizationId: string, messageId: string): Promise<void> {
  const db = await database()
  const isProved = and(
    eq(identities.issuer, memberIssuerName(organizationId)),
    eq(identities.emailVerified, true),
  )
  for (const { accountId, subject: memberId } of await db
    .select()
    .from(identities)
    .where(isProved)) {
    const job = { accountId, organizationId, memberId, change: 'member_joined' as const }
    await mirrorChange(job, `${messageId} ${memberId}`)
  }
}

const record = (
  organizationId: string,
  memberId: string | null,
  accountId: string | null,
  reason: 'stytch_member_removed' | 'stytch_organization_deleted',
  at: Date,
): Promise<void> =>
  recordEvent({
    at,
    kind: 'deprovision',
    accountId,
    issuer: memberIssuerName(organizationId),
    subject: memberId,
    lane: 'stytch',
    result: 'sessions_ended',
    reason,
    milliseconds: 0,
    policyVersion: 0,
  })
