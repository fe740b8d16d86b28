import type { Organization } from 'stytch'
import { ApiError } from '../errors.ts'
import { newId, timestamp } from '../ids.ts'
import type { Project } from '../project.ts'
import { requiredText } from '../request-fields.ts'
import { emptyMember } from './empty-records.ts'
import { assignRoles } from './member-roles.ts'
import { requireOrganization } from './organizations.ts'
import type { MemberRecord } from './store.ts'

/** The members of the organization, without the deleted ones. */
export function membersOf(project: Project, organization: Organization): MemberRecord[] {
  return allMembersOf(project, organization).filter(({ member }) => member.status !== 'deleted')
}

/** The members of the organization, with the deleted ones. */
export function allMembersOf(project: Project, organization: Organization): MemberRecord[] {
  return [...project.b2b.store.members.values()].filter(
    ({ member }) => member.organization_id === organization.organization_id,
  )
}

/** @param email in lower case */
export function findMemberByEmail(
  project: Project,
  organization: Organization,
  email: string,
): MemberRecord | undefined {
  return membersOf(project, organization).find(({ member }) => member.email_address === email)
}

/** The members with this address in all organizations: one person. @param email in lower case */
export function membersWithEmail(project: Project, email: string): MemberRecord[] {
  return [...project.b2b.store.members.values()].filter(
    ({ member }) => member.email_address === email && member.status !== 'deleted',
  )
}

/** The member of the organization with this id or external id, unless deleted. */
export function requireMember(
  project: Project,
  organization: Organization,
  id: unknown,
): MemberRecord {
  const memberId = requiredText(id, 'member_id')
  const record = membersOf(project, organization).find(
    ({ member }) => member.member_id === memberId || member.external_id === memberId,
  )
  if (!record) throw new ApiError('member_not_found')
  return record
}

/** The two ids that every member route has. */
export function requireMemberOf(
  project: Project,
  sent: { organization_id?: unknown; member_id?: unknown },
): { organization: Organization; record: MemberRecord } {
  const organization = requireOrganization(project, sent.organization_id)
  return { organization, record: requireMember(project, organization, sent.member_id) }
}

/**
 * The address must be free in the organization.
 * @param email in lower case
 * @param change is made before the webhook is sent. If it throws, there is no member.
 */
export function addMember(
  project: Project,
  organization: Organization,
  email: string,
  change: (record: MemberRecord) => void = () => undefined,
): MemberRecord {
  refuseTakenEmail(project, organization, email)
  const record = emptyMember({
    memberId: newId('member'),
    organizationId: organization.organization_id,
    email,
    now: project.clock.now(),
  })
  change(record)
  assignRoles(organization, record)
  project.b2b.store.members.set(record.member.member_id, record)
  project.b2b.webhooks.memberChanged('CREATE', record.member)
  return record
}

/** Call it after a change: it renews the roles and the timestamp, and sends the webhook. */
export function memberChanged(
  project: Project,
  organization: Organization,
  record: MemberRecord,
): void {
  assignRoles(organization, record)
  record.member.updated_at = timestamp(project.clock.now())
  project.b2b.webhooks.memberChanged('UPDATE', record.member)
}

/** An address that a member has given up still belongs to that member. @param email in lower case */
export function refuseTakenEmail(
  project: Project,
  organization: Organization,
  email: string,
  owner?: MemberRecord,
): void {
  const isTaken = membersOf(project, organization).some(
    (record) =>
      record !== owner &&
      (record.member.email_address === email ||
        record.member.retired_email_addresses.some((retired) => retired.email_address === email)),
  )
  if (isTaken) throw new ApiError('duplicate_member_email')
}
