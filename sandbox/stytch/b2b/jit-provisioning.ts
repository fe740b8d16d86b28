import type { Organization } from 'stytch'
import { ApiError } from '../errors.ts'
import type { Project } from '../project.ts'
import { emailDomain } from './member-roles.ts'
import { allMembersOf, membersOf } from './members.ts'

/** Whether the settings of the organization let a person with the address become a member. */
const canJoinByEmail = (organization: Organization, email: string): boolean =>
  organization.email_jit_provisioning === 'RESTRICTED' &&
  organization.email_allowed_domains.includes(emailDomain(email))

export function refuseJoining(project: Project, organization: Organization, email: string): void {
  if (wasDeleted(project, organization, email)) throw new ApiError('member_not_found')
  if (canJoinByEmail(organization, email)) return
  const isOff = organization.email_jit_provisioning !== 'RESTRICTED'
  throw new ApiError(
    isOff ? 'email_jit_provisioning_not_allowed' : 'invalid_email_for_jit_provisioning',
  )
}

/** A person whom the organization has removed comes back by invitation or reactivation only. */
const wasDeleted = (project: Project, organization: Organization, email: string): boolean =>
  allMembersOf(project, organization).some(({ member }) => member.email_address === email)

/**
 * In discovery, the settings alone are not enough: the organization needs a member with a verified address
 * of the same domain. Otherwise anyone could name a company's domain and wait for its people.
 * @param email of a person who is not a member
 */
export function canJoinByDiscovery(
  project: Project,
  organization: Organization,
  email: string,
): boolean {
  if (!canJoinByEmail(organization, email) || wasDeleted(project, organization, email)) return false
  return membersOf(project, organization).some(
    ({ member }) =>
      member.email_address_verified && emailDomain(member.email_address) === emailDomain(email),
  )
}

/** Whether the settings of the organization let its members invite the address. */
export function refuseInviting(organization: Organization, email: string): void {
  const { email_invites, email_allowed_domains } = organization
  if (email_invites === 'ALL_ALLOWED') return
  if (email_invites === 'RESTRICTED' && email_allowed_domains.includes(emailDomain(email))) return
  throw new ApiError('invalid_email_for_invites')
}
