import type {
  B2BOrganizationsMembersDeleteMFAPhoneNumberRequest,
  B2BOrganizationsMembersDeleteMFAPhoneNumberResponse,
  B2BOrganizationsMembersDeletePasswordRequest,
  B2BOrganizationsMembersDeletePasswordResponse,
  B2BOrganizationsMembersDeleteTOTPRequest,
  B2BOrganizationsMembersDeleteTOTPResponse,
} from 'stytch'
import { ApiError } from '../errors.ts'
import type { Project } from '../project.ts'
import { type Answer, requiredText, type Sent } from '../request-fields.ts'
import { memberChanged, membersOf, requireMemberOf } from './members.ts'
import { requireOrganization } from './organizations.ts'

/** Existing sessions keep their second factor. */
export function deleteMfaPhoneNumber(
  project: Project,
  sent: Sent<B2BOrganizationsMembersDeleteMFAPhoneNumberRequest>,
): Answer<B2BOrganizationsMembersDeleteMFAPhoneNumberResponse> {
  const { organization, record } = requireMemberOf(project, sent)
  const { member } = record
  if (!member.mfa_phone_number) throw new ApiError('member_phone_number_not_found')
  member.mfa_phone_number = ''
  member.mfa_phone_number_verified = false
  memberChanged(project, organization, record)
  return { member_id: member.member_id, member, organization }
}

/** Existing sessions keep their second factor. */
export function deleteMemberTotp(
  project: Project,
  sent: Sent<B2BOrganizationsMembersDeleteTOTPRequest>,
): Answer<B2BOrganizationsMembersDeleteTOTPResponse> {
  const { organization, record } = requireMemberOf(project, sent)
  const { member } = record
  if (!member.totp_registration_id) throw new ApiError('totp_not_found')
  member.totp_registration_id = ''
  memberChanged(project, organization, record)
  return { member_id: member.member_id, member, organization }
}

export function deleteMemberPassword(
  project: Project,
  sent: Sent<B2BOrganizationsMembersDeletePasswordRequest>,
): Answer<B2BOrganizationsMembersDeletePasswordResponse> {
  const organization = requireOrganization(project, sent.organization_id)
  const passwordId = requiredText(sent.member_password_id, 'member_password_id')
  const record = membersOf(project, organization).find(
    ({ member }) => member.member_password_id === passwordId,
  )
  if (!record) throw new ApiError('member_password_not_found')
  const { member } = record
  member.member_password_id = ''
  record.passwordHash = null
  memberChanged(project, organization, record)
  return { member_id: member.member_id, member, organization }
}
