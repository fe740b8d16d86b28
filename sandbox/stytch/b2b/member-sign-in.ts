import type { Organization } from 'stytch'
import { ApiError } from '../errors.ts'
import type { Project } from '../project.ts'
import { emailAddress } from '../request-fields.ts'
import { refuseJoining } from './jit-provisioning.ts'
import { isMethodAllowed } from './login-requirements.ts'
import type { MemberLink } from './login-store.ts'
import { addMember, findMemberByEmail } from './members.ts'
import { requireOrganization } from './organizations.ts'
import type { MemberRecord } from './store.ts'

type Membership = { organization: Organization; record: MemberRecord }

/** The member whom a login names by address. A deleted member is unknown. */
export function requireByEmail(
  project: Project,
  sent: { organization_id?: unknown; email_address?: unknown },
): Membership {
  const organization = requireOrganization(project, sent.organization_id)
  const record = findMemberByEmail(project, organization, emailAddress(sent.email_address))
  if (!record) throw new ApiError('member_not_found')
  return { organization, record }
}

/** The first half of every `login_or_signup`: the member who gets the mail, within the rate limit. */
export function findOrProvision(
  project: Project,
  sent: { organization_id?: unknown; email_address?: unknown },
  method: 'magic_link' | 'email_otp',
): Membership & { isNew: boolean } {
  const organization = requireOrganization(project, sent.organization_id)
  const email = emailAddress(sent.email_address)
  refuseMethod(organization, method)
  const known = findMemberByEmail(project, organization, email)
  if (!known) refuseJoining(project, organization, email)
  project.rateLimits.mail(email)
  const record = known ?? addPendingMember(project, organization, email)
  return { organization, record, isNew: !known }
}

/** A member who has asked to join, and who still has to prove the address. */
export function addPendingMember(
  project: Project,
  organization: Organization,
  email: string,
  change: (record: MemberRecord) => void = () => undefined,
): MemberRecord {
  return addMember(project, organization, email, (record) => {
    record.member.status = 'pending'
    change(record)
  })
}

/** Refuses a method that the organization does not allow. */
export function refuseMethod(organization: Organization, method: string): void {
  if (!isMethodAllowed(organization, method)) {
    throw new ApiError('operation_restricted_by_organization_auth_methods')
  }
}

/** The member of a link, unless deleted since. */
export function requireLinkMember(project: Project, { memberId = '' }: MemberLink): MemberRecord {
  const record = project.b2b.store.members.get(memberId)
  if (!record || record.member.status === 'deleted') throw new ApiError('member_not_found')
  return record
}
