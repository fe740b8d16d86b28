import type {
  B2BDiscoveryIntermediateSessionsExchangeRequest,
  B2BDiscoveryIntermediateSessionsExchangeResponse,
  B2BDiscoveryOrganizationsCreateRequest,
  B2BDiscoveryOrganizationsCreateResponse,
  B2BDiscoveryOrganizationsListRequest,
  B2BDiscoveryOrganizationsListResponse,
  Organization,
} from 'stytch'
import { ApiError } from '../errors.ts'
import type { Project } from '../project.ts'
import { type Answer, optionalText, type Sent } from '../request-fields.ts'
import { discoveredOrganizations } from './discovered-organizations.ts'
import { requireIntermediateSession } from './intermediate-sessions.ts'
import { canJoinByDiscovery } from './jit-provisioning.ts'
import { refuseLocked } from './member-lock.ts'
import { logIn } from './member-login.ts'
import { setPasswordHash } from './member-passwords.ts'
import { emailDomain } from './member-roles.ts'
import { memberSessionOptions, requireMemberSession } from './member-sessions.ts'
import { addPendingMember } from './member-sign-in.ts'
import { findMemberByEmail } from './members.ts'
import { createOrganization } from './organization-endpoints.ts'
import { requireOrganization } from './organizations.ts'
import type { IntermediateSessionRecord, MemberRecord } from './store.ts'

/** The second half of discovery: a person chooses an organization, or makes one. */

/** Consumes neither the intermediate session nor the member session. */
export async function listOrganizations(
  project: Project,
  sent: Sent<B2BDiscoveryOrganizationsListRequest>,
): Promise<Answer<B2BDiscoveryOrganizationsListResponse>> {
  if (sent.intermediate_session_token) {
    if (sent.session_token || sent.session_jwt) throw new ApiError('too_many_session_arguments')
    const session = requireIntermediateSession(project, sent.intermediate_session_token)
    return discoveryAnswer(project, session.email, session.factors, true)
  }
  const { session } = await requireMemberSession(project, sent)
  const { member } = requireSessionMember(project, session.member_id)
  return discoveryAnswer(project, member.email_address, session.authentication_factors, false)
}

function discoveryAnswer(
  project: Project,
  email: string,
  factors: IntermediateSessionRecord['factors'],
  canJoin: boolean,
) {
  return {
    email_address: email,
    discovered_organizations: discoveredOrganizations(project, { email, factors, canJoin }),
  }
}

function requireSessionMember(project: Project, memberId: string): MemberRecord {
  const record = project.b2b.store.members.get(memberId)
  if (!record || record.member.status === 'deleted') throw new ApiError('session_not_found')
  return record
}

/** Logs in to an organization. A person whose domain may join becomes a member. */
export async function exchangeIntermediateSession(
  project: Project,
  sent: Sent<B2BDiscoveryIntermediateSessionsExchangeRequest>,
): Promise<Answer<B2BDiscoveryIntermediateSessionsExchangeResponse>> {
  const options = memberSessionOptions(sent)
  const intermediate = requireIntermediateSession(project, sent.intermediate_session_token)
  const organization = requireOrganization(project, sent.organization_id)
  const { email } = intermediate
  const known = findMemberByEmail(project, organization, email)
  if (!known && !canJoinByDiscovery(project, organization, email)) {
    throw new ApiError('email_jit_provisioning_not_allowed')
  }
  if (known) refuseLocked(project, known)
  const record = known ?? addNewcomer(project, organization, email)
  return logIn(project, record, [], { ...options, intermediate, needsEmailProof: true })
}

/** Makes an organization whose first member is its admin. */
export async function createOrganizationByDiscovery(
  project: Project,
  sent: Sent<B2BDiscoveryOrganizationsCreateRequest>,
): Promise<Answer<B2BDiscoveryOrganizationsCreateResponse>> {
  const options = memberSessionOptions(sent)
  const intermediate = requireIntermediateSession(project, sent.intermediate_session_token)
  const { email } = intermediate
  const organization_name = optionalText(sent.organization_name, 'organization_name')
  const { organization } = createOrganization(project, {
    ...sent,
    organization_name: organization_name ?? defaultName(email),
  })
  const record = addNewcomer(project, organization, email, ['stytch_admin'])
  return logIn(project, record, [], { ...options, intermediate, needsEmailProof: true })
}

/** A person who chose a password in discovery has it in the first organization. */
function addNewcomer(
  project: Project,
  organization: Organization,
  email: string,
  roles: string[] = [],
): MemberRecord {
  const { newcomerPasswords } = project.b2b.logins
  const hash = newcomerPasswords.get(email)
  newcomerPasswords.delete(email)
  return addPendingMember(project, organization, email, (record) => {
    record.directRoles = roles
    if (hash !== undefined) setPasswordHash(record, hash)
  })
}

/** Stytch names the organization after the domain of the address. */
function defaultName(email: string): string {
  const [name = ''] = emailDomain(email).split('.')
  return name.charAt(0).toUpperCase() + name.slice(1)
}
