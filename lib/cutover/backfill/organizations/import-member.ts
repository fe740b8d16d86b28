import 'server-only'
import { type Account, findAccount, findIdentity, subjectsOf } from '../../../account/account'
import { isDisputed } from '../../../account/proof'
import { database } from '../../../db/database'
import { findRecord, findRecordsByEmail } from '../../../legacy/auth0/management'
import type { Patience } from '../../../legacy/auth0/organization-pages'
import { isMember, rolesOfMember } from '../../../legacy/auth0/organizations'
import { legacyConfig } from '../../../legacy/config'
import { type LegacyRecord, LegacyRefusal } from '../../../legacy/record'
import { type Organization, organizationByLegacyId } from '../../../team/organization'
import { memberships } from '../../../team/schema'
import { memberIssuerName } from '../../../team/stytch/issuer'
import type { StytchMember } from '../../../team/stytch/members'
import { wasMemberDeleted } from '../../../team/stytch/provision-member'
import { isHashOld } from '../import/hash-age'
import { refusalByApp } from '../import/import-row'
import { AccountConflict, linkIdentities } from '../import/link-identities'
import type { ClaimedRow, Settlement } from '../import/rows'
import { memberOutcome } from './member-facts'
import type { MemberHashes } from './member-hashes'
import { madeOrganization, membershipOfRow } from './organizations-run'
import type { RoleMapping } from './role-mapping'
import {
  addHash,
  assignRoles,
  createMember,
  findMember,
  findMemberByEmail,
  isDeleted,
  type TeamLimiter,
} from './team-at-stytch'

/** Why a member was not imported, beside the codes of member-facts.ts and those of the import of users. */
export type MemberSkipReason =
  | 'organization_left_out'
  | 'not_a_member'
  | 'member_deleted'
  | 'member_not_active'

type Context = {
  call: TeamLimiter
  patience: Patience
  roles: RoleMapping
  /** Null without a file. */
  hashes: MemberHashes | null
}

const skipped = (reason: string): Settlement => ({ state: 'skipped', reason })

/**
 * Imports one member. It may run again after any failure: it looks the member up before it creates one, and each step
 * of it is idempotent.
 * @throws {LegacyRefusal | StytchRefusal | ProviderFailure | DatabaseUnavailable} and driver errors
 */
export async function importMember(row: ClaimedRow, context: Context): Promise<Settlement> {
  const { call, patience } = context
  const { organizationId, subject } = membershipOfRow(row.subject)
  const organization = await organizationByLegacyId(organizationId)
  if (!organization?.stytchId) return skipped('organization_left_out')
  const { stytchId } = organization

  // The address is verified now. A legacy session from before may be that of somebody who waited for it.
  const readAt = new Date()
  const record = await patience(() => findRecord(subject))
  const others = record?.email ? await patience(() => findRecordsByEmail(record.email)) : []
  const outcome = memberOutcome(subject, record, others)
  if (outcome !== 'member' || !record) return skipped(outcome)
  const { email } = record
  const refusal = await refusalByApp(subject, email, true)
  if (refusal) return skipped(refusal)
  const names = await roleNames(organizationId, subject, patience)
  if (names === null) return skipped('not_a_member')
  const roles = context.roles.map(names)

  // An earlier attempt may have created the member without getting the answer.
  const known = row.attempts > 1 ? await findMember(call, stytchId, subject) : null
  if (!known && (await isRemoved(row.runId, organization, stytchId, subject, email, call))) {
    return skipped('member_deleted')
  }
  const member =
    known ??
    (await createMember(call, stytchId, {
      email,
      name: record.name || email,
      externalId: subject,
      roles,
      runId: row.runId,
    })) ??
    (await findMember(call, stytchId, subject))
  if (!member) return addressTaken(stytchId, subject, email, call)
  const problem = problemOf(member, email)
  if (problem) return skipped(problem)
  await addMissingRoles(member, roles, call)
  const read = record.hasPassword ? await context.hashes?.read(row) : null
  const hash = read && !isHashOld(read, record, null) ? read : null
  const madeUser = member.madeBy === row.runId
  const mayHaveHash = madeUser && member.isOnlyByEmail
  if (hash && mayHaveHash) await addHash(call, member, hash)
  try {
    const account = await link(record, member, stytchId, readAt)
    await recordMember(organization, account, roles)
  } catch (error) {
    if (!(error instanceof AccountConflict)) throw error
    return skipped('account_conflict')
  }
  const withPassword = madeUser && (member.hasPassword || (hash && mayHaveHash))
  const reason = withPassword ? 'member_with_password' : madeUser ? null : 'already'
  return { state: 'done', reason, stytchUserId: member.id, madeUser }
}

const link = (
  { id: subject, email, name }: LegacyRecord,
  member: StytchMember,
  stytchId: string,
  plannedAt: Date,
): Promise<Account> =>
  linkIdentities({
    subject,
    stytchUserId: member.id,
    stytchIssuer: memberIssuerName(stytchId),
    email,
    name: name || email,
    isProved: true,
    plannedAt,
  })

/**
 * Gives the mapped roles to a member whom another import made. The carry-over leaves a linked member's roles alone, as
 * the admins at Stytch may have changed them.
 */
async function addMissingRoles(
  member: StytchMember,
  roles: readonly string[],
  call: TeamLimiter,
): Promise<void> {
  const missing = roles.filter((role) => !member.assignedRoles.includes(role))
  if (missing.length === 0) return
  const issuer = memberIssuerName(member.organizationId)
  if ((await findIdentity({ issuer, subject: member.id }))?.proof) return
  await assignRoles(call, member, [...member.assignedRoles, ...missing])
}

/** Only a backend with the project's secret writes an external id. A password beside it may be an attacker's. */
function problemOf(member: StytchMember, email: string): string | null {
  if (member.email !== email) return 'address_differs'
  if (member.status !== 'active') return 'member_not_active'
  return member.emailVerified || !member.hasPassword ? null : 'stytch_user_unproven'
}

/** The names of the member's roles. Null if the user is not a member any more. */
async function roleNames(
  organizationId: string,
  subject: string,
  patience: Patience,
): Promise<string[] | null> {
  // Auth0 documents no error for the roles of somebody who was removed since the rows were written.
  if (!(await patience(() => isMember(organizationId, subject)))) return null
  try {
    const roles = await patience(() => rolesOfMember(organizationId, subject))
    return roles.map(({ name }) => name)
  } catch (error) {
    if (error instanceof LegacyRefusal && [400, 404].includes(error.status)) return null
    throw error
  }
}

/** Whether the person was a member at Stytch, and was removed there. Such a person must not come back by the import. */
async function isRemoved(
  runId: string,
  organization: Organization,
  stytchId: string,
  subject: string,
  email: string,
  call: TeamLimiter,
): Promise<boolean> {
  const account = await findAccount({ issuer: legacyConfig().issuer, subject })
  const linked = account ? await subjectsOf(account, memberIssuerName(stytchId)) : []
  for (const memberId of linked) {
    if (await isDeleted(call, memberId)) return true
  }
  // The search is slow. An organization that this run made has no history.
  if (await madeOrganization(runId, organization.legacyId ?? '')) return false
  return wasMemberDeleted(stytchId, email, call)
}

/**
 * Somebody has the address in this organization. An admin of the organization may have entered it for a stranger, so the
 * member is not adopted. Only the identities of this app prove that both are one person, for example after a carry-over.
 */
async function addressTaken(
  stytchId: string,
  subject: string,
  email: string,
  call: TeamLimiter,
): Promise<Settlement> {
  const member = await findMemberByEmail(call, stytchId, email)
  if (!member) return skipped('address_taken')
  const [there, here] = await Promise.all([
    findIdentity({ issuer: memberIssuerName(stytchId), subject: member.id }),
    findIdentity({ issuer: legacyConfig().issuer, subject }),
  ])
  const isLinked =
    there?.proof && here?.proof && !isDisputed(there.proof) && there.account.id === here.account.id
  if (!isLinked) return skipped('address_taken')
  return { state: 'done', reason: 'already', stytchUserId: member.id, madeUser: false }
}

/** Shows the person on the team's page. A membership that a session has recorded stays as it is. */
async function recordMember(
  organization: Organization,
  account: Account,
  roles: readonly string[],
): Promise<void> {
  const db = await database()
  await db
    .insert(memberships)
    .values({
      organizationId: organization.id,
      accountId: account.id,
      lane: 'legacy',
      roles: [...roles],
    })
    .onConflictDoNothing()
}
