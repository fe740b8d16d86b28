import type {
  B2BOrganizationsMembersCreateRequest,
  B2BOrganizationsMembersCreateResponse,
  B2BOrganizationsMembersDangerouslyGetRequest,
  B2BOrganizationsMembersDeleteExternalIdRequest,
  B2BOrganizationsMembersDeleteExternalIdResponse,
  B2BOrganizationsMembersDeleteRequest,
  B2BOrganizationsMembersDeleteResponse,
  B2BOrganizationsMembersGetRequest,
  B2BOrganizationsMembersGetResponse,
  B2BOrganizationsMembersReactivateRequest,
  B2BOrganizationsMembersReactivateResponse,
  B2BOrganizationsMembersUpdateRequest,
  B2BOrganizationsMembersUpdateResponse,
  Member,
  Organization,
} from 'stytch'
import { ApiError } from '../errors.ts'
import { stableId } from '../ids.ts'
import type { Project } from '../project.ts'
import {
  type Answer,
  emailAddress,
  optionalText,
  requiredText,
  type Sent,
} from '../request-fields.ts'
import { applyMemberProfile } from './member-profile.ts'
import { revokeMemberSessions } from './member-sessions.ts'
import {
  addMember,
  allMembersOf,
  findMemberByEmail,
  memberChanged,
  refuseTakenEmail,
  requireMember,
  requireMemberOf,
} from './members.ts'
import { requireOrganization } from './organizations.ts'
import type { MemberRecord } from './store.ts'

/** The organization's settings for invites and JIT provisioning do not apply to this call. */
export function createMember(
  project: Project,
  sent: Sent<B2BOrganizationsMembersCreateRequest>,
): Answer<B2BOrganizationsMembersCreateResponse> {
  const organization = requireOrganization(project, sent.organization_id)
  const email = emailAddress(sent.email_address)
  const record = addMember(project, organization, email, (created) => {
    applyMemberProfile(project, organization, created, sent)
    if (sent.create_member_as_pending === true) created.member.status = 'pending'
  })
  return answer(organization, record)
}

/** By id, external id or address. A deleted member is not found. */
export function getMember(
  project: Project,
  sent: Sent<B2BOrganizationsMembersGetRequest>,
): Answer<B2BOrganizationsMembersGetResponse> {
  const organization = requireOrganization(project, sent.organization_id)
  if (sent.member_id)
    return answer(organization, requireMember(project, organization, sent.member_id))
  if (!sent.email_address) throw new ApiError('invalid_member_get_fields')
  const record = findMemberByEmail(project, organization, emailAddress(sent.email_address))
  if (!record) throw new ApiError('member_not_found')
  return answer(organization, record)
}

/** By the id alone. An external id would name members of several organizations. */
export function getMemberOfAnyOrganization(
  project: Project,
  sent: Sent<B2BOrganizationsMembersDangerouslyGetRequest>,
): Answer<B2BOrganizationsMembersGetResponse> {
  const record = project.b2b.store.members.get(requiredText(sent.member_id, 'member_id'))
  const withDeleted = String(sent.include_deleted) === 'true'
  if (!record || (record.member.status === 'deleted' && !withDeleted)) {
    throw new ApiError('member_not_found')
  }
  return answer(requireOrganization(project, record.member.organization_id), record)
}

export function updateMember(
  project: Project,
  sent: Sent<B2BOrganizationsMembersUpdateRequest>,
): Answer<B2BOrganizationsMembersUpdateResponse> {
  const { organization, record } = requireMemberOf(project, sent)
  const email = optionalText(sent.email_address, 'email_address')
  if (email) refuseTakenEmail(project, organization, emailAddress(email), record)
  applyMemberProfile(project, organization, record, sent)
  if (email) changeEmail(record, emailAddress(email), sent.unlink_email === true)
  memberChanged(project, organization, record)
  return answer(organization, record)
}

/** A new address is not verified, and has no password. The old one stays with the member. */
function changeEmail(record: MemberRecord, email: string, forgetOld: boolean): void {
  const { member } = record
  if (member.email_address === email) return
  const retired = member.retired_email_addresses.filter((old) => old.email_address !== email)
  const old = {
    email_id: stableId('email', member.email_address),
    email_address: member.email_address,
  }
  member.retired_email_addresses = forgetOld ? retired : [...retired, old]
  member.email_address = email
  member.email_address_verified = false
  member.member_password_id = ''
  record.passwordHash = null
}

/** The member keeps its id, and can be reactivated. Its address is free again. */
export function deleteMember(
  project: Project,
  sent: Sent<B2BOrganizationsMembersDeleteRequest>,
): Answer<B2BOrganizationsMembersDeleteResponse> {
  const { member } = requireMemberOf(project, sent).record
  member.status = 'deleted'
  revokeMemberSessions(project, member.member_id)
  project.b2b.webhooks.memberChanged('DELETE', member)
  return { member_id: member.member_id }
}

/** By the id alone, and not by the external id. */
export function reactivateMember(
  project: Project,
  sent: Sent<B2BOrganizationsMembersReactivateRequest>,
): Answer<B2BOrganizationsMembersReactivateResponse> {
  const organization = requireOrganization(project, sent.organization_id)
  const memberId = requiredText(sent.member_id, 'member_id')
  const record = allMembersOf(project, organization).find(
    ({ member }) => member.member_id === memberId && member.status === 'deleted',
  )
  if (!record) throw new ApiError('no_deleted_member_found_for_reactivation')
  const { member } = record
  if (!member.email_address_verified) throw new ApiError('member_has_no_active_verified_email')
  if (findMemberByEmail(project, organization, member.email_address)) {
    throw new ApiError('reactivation_email_belongs_to_another_member')
  }
  // Somebody else may have got the external id in the meantime.
  applyMemberProfile(project, organization, record, { external_id: member.external_id })
  member.status = 'active'
  memberChanged(project, organization, record)
  return answer(organization, record)
}

export function deleteMemberExternalId(
  project: Project,
  sent: Sent<B2BOrganizationsMembersDeleteExternalIdRequest>,
): Answer<B2BOrganizationsMembersDeleteExternalIdResponse> {
  const { organization, record } = requireMemberOf(project, sent)
  delete record.member.external_id
  memberChanged(project, organization, record)
  return answer(organization, record)
}

type MemberAnswer = { member_id: string; member: Member; organization: Organization }

const answer = (organization: Organization, { member }: MemberRecord): MemberAnswer => ({
  member_id: member.member_id,
  member,
  organization,
})
