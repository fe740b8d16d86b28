import 'server-only'
import { eq } from 'drizzle-orm'
import { type Account, findAccount, subjectsOf } from '../../../account/account'
import { database } from '../../../db/database'
import { identities } from '../../../db/schema'
import * as legacy from '../../../legacy/auth0/management'
import { addMember, isMember, removeMember } from '../../../legacy/auth0/organizations'
import { memberIssuerName } from '../../../team/stytch/issuer'
import type { StytchMember } from '../../../team/stytch/members'
import {
  isMirrorRecord,
  legacyIssuerName,
  link,
  linkExistingRecord,
  linkedRecords,
  localId,
  randomPassword,
} from '../legacy-records'
import type { MemberJob } from '../queue'
import type { SyncResult } from '../sync-result'
import { endMembership } from './end-membership'
import { readMember } from './live-member'
import { syncRoles } from './member-roles'
import { mirroredOrganization } from './organization'

/**
 * Updates the legacy membership of one member to the current state at Stytch, so that a rollback of the organization
 * costs nobody a login. A person in several organizations is one legacy user with several memberships. Idempotent: it
 * reads before it writes.
 *
 * @throws {MirrorRefused} a retry would not help
 * @throws {ProviderFailure | LegacyRefusal} a retry may help
 */
export async function syncMember(job: MemberJob): Promise<SyncResult> {
  const issuer = memberIssuerName(job.organizationId)
  const account = await findAccount({ issuer, subject: job.memberId })
  // Before the proof, a record or a mail would reach a stranger.
  if (account?.id !== job.accountId || account.provedEmail === null) return gone
  const member = await readMember(job)
  if (member === 'no_organization') return gone
  if (member === 'removed') return removeLegacyMembership(account, job)
  const organization = await mirroredOrganization(job.organizationId)
  if (!organization?.legacyId || member.status !== 'active') return gone
  return syncMembership(account, account.provedEmail, organization.legacyId, member, job)
}

/** There is nothing to write: no account, no member, or no organization at the legacy provider. */
const gone: SyncResult = { result: 'gone', subject: null, password: 'untouched' }

async function syncMembership(
  account: Account,
  email: string,
  legacyId: string,
  member: StytchMember,
  { change }: MemberJob,
): Promise<SyncResult> {
  const hasJoined = change === 'member_joined'
  const { records, result } = await readOrCreateRecords(account, email, member, hasJoined)
  const membership = await findMembership(legacyId, records)
  const subject = membership ?? records[0]
  if (!subject) return gone
  if (!membership) await addMember(legacyId, subject)
  // At the first sign-in the member may not have got every role at Stytch yet. An older membership keeps its roles.
  const hasNewRoles = await syncRoles(legacyId, subject, member.assignedRoles, { keep: hasJoined })
  const hasNewName = !hasJoined && (await updateName(account, subject, member))
  const isSame = result === 'unchanged' && membership && !hasNewRoles && !hasNewName
  const changed = result === 'unchanged' ? 'updated' : result
  return { result: isSame ? 'unchanged' : changed, subject, password: 'untouched' }
}

/** The legacy user who is a member already. An account may have several: one for a password, others for social logins. */
async function findMembership(
  legacyId: string,
  subjects: readonly string[],
): Promise<string | undefined> {
  for (const subject of subjects) if (await isMember(legacyId, subject)) return subject
}

type Found = { records: string[]; result: 'unchanged' | 'linked' | 'created' }

/** The legacy users of the account, the one with a password first. A new one has the proved address. */
async function readOrCreateRecords(
  account: Account,
  email: string,
  { externalId, name }: StytchMember,
  hasJoined: boolean,
): Promise<Found> {
  const linked = await linkedRecords(account, { externalId })
  if (linked.length > 0) {
    const ordered = linked.toSorted((a, b) => Number(b.hasPassword) - Number(a.hasPassword))
    return { records: ordered.map(({ id }) => id), result: 'unchanged' }
  }
  // A user who was deleted at the legacy provider must not come back by a change at Stytch.
  const wasDeleted = (await subjectsOf(account, legacyIssuerName())).length > 0
  if (!hasJoined && wasDeleted) return { records: [], result: 'unchanged' }
  const existing = await linkExistingRecord(account, { email, emailVerified: true })
  if (existing) return { records: [existing.id], result: 'linked' }
  const id = legacy.recordId(localId(account))
  // The record is linked before it is created, because a user may sign in with it at once and must get this account.
  await link(account, { id, email, name })
  await legacy.createRecord(localId(account), {
    email,
    emailVerified: true,
    name,
    password: randomPassword(),
    metadata: { account_id: account.id },
  })
  return { records: [id], result: 'created' }
}

/**
 * Writes the member's name to a record of the mirror. Only where the person is nowhere else: an admin of one
 * organization could rename them for the other organizations and for the product.
 */
async function updateName(
  account: Account,
  record: string,
  { name, email }: StytchMember,
): Promise<boolean> {
  if (!isMirrorRecord(account, { id: record }) || name === '' || name === email) return false
  const db = await database()
  const others = await db.$count(identities, eq(identities.accountId, account.id))
  if (others > 2) return false
  const found = await legacy.findRecord(record)
  if (!found || found.name === name) return false
  await legacy.updateRecord(record, { name })
  return true
}

/**
 * Ends the membership of a member who was removed at Stytch. The legacy user stays: other organizations and the product
 * may use it.
 */
async function removeLegacyMembership(account: Account, job: MemberJob): Promise<SyncResult> {
  const organization = await mirroredOrganization(job.organizationId)
  const subjects = await subjectsOf(account, legacyIssuerName())
  const legacyId = organization?.legacyId
  if (legacyId) for (const subject of subjects) await removeMember(legacyId, subject)
  // After the removal, because the member may have signed in at the legacy provider a moment before.
  await endMembership(account, job, organization, new Date())
  const [subject = null] = legacyId ? subjects : []
  return { result: subject ? 'removed' : 'gone', subject, password: 'untouched' }
}
