import type {
  B2BOrganizationsMembersCreateRequest,
  B2BOrganizationsMembersUpdateRequest,
  Organization,
} from 'stytch'
import { ApiError } from '../errors.ts'
import type { Project } from '../project.ts'
import { mergeDeleting, optionalObject, optionalText, type Sent } from '../request-fields.ts'
import { membersOf } from './members.ts'
import { rolesOf } from './rbac-policy.ts'
import type { MemberRecord } from './store.ts'

type Profile = Omit<
  Sent<B2BOrganizationsMembersCreateRequest & B2BOrganizationsMembersUpdateRequest>,
  'email_address'
>

/** Validates every field before it changes the first. */
export function applyMemberProfile(
  project: Project,
  organization: Organization,
  record: MemberRecord,
  sent: Profile,
): void {
  const { member } = record
  const externalId = freeExternalId(project, organization, record, sent.external_id)
  const directRoles = readRoles(project, organization, sent.roles)
  const phone = readPhone(record, sent.mfa_phone_number)
  const mfaMethod = readMfaMethod(sent.default_mfa_method)
  const name = optionalText(sent.name, 'name')
  const isBreakglass = optionalFlag(sent.is_breakglass, 'is_breakglass')
  const mfaEnrolled = optionalFlag(sent.mfa_enrolled, 'mfa_enrolled')
  const trusted = optionalObject(sent.trusted_metadata, 'trusted_metadata')
  const untrusted = optionalObject(sent.untrusted_metadata, 'untrusted_metadata')
  if (externalId) member.external_id = externalId
  if (directRoles) record.directRoles = directRoles
  if (phone) member.mfa_phone_number = phone
  if (mfaMethod) member.default_mfa_method = mfaMethod
  if (name) member.name = name
  member.is_breakglass = isBreakglass ?? member.is_breakglass
  member.mfa_enrolled = mfaEnrolled ?? member.mfa_enrolled
  if (trusted) member.trusted_metadata = mergeDeleting(member.trusted_metadata ?? {}, trusted)
  if (untrusted) {
    member.untrusted_metadata = mergeDeleting(member.untrusted_metadata ?? {}, untrusted)
  }
}

/** The roles that a request assigns. They replace the assigned ones. */
export function readRoles(
  project: Project,
  organization: Organization,
  sent: unknown,
): string[] | undefined {
  if (sent === undefined || sent === null) return undefined
  if (!Array.isArray(sent) || !sent.every((role) => typeof role === 'string')) {
    throw new ApiError('bad_request', '"roles" must be a list of strings.')
  }
  if (sent.includes('stytch_member')) throw new ApiError('cannot_assign_default_rbac_role_id')
  const known = rolesOf(project, organization).map(({ role_id }) => role_id)
  if (!sent.every((role) => known.includes(role))) throw new ApiError('invalid_rbac_role_id')
  return [...new Set(sent)]
}

/** The external id must be free in the organization. Other organizations may use it too. */
function freeExternalId(
  project: Project,
  organization: Organization,
  owner: MemberRecord,
  sent: unknown,
): string | undefined {
  const externalId = optionalText(sent, 'external_id')
  if (externalId === undefined) return undefined
  if (!/^[A-Za-z0-9._|-]{1,128}$/.test(externalId)) {
    const message = '"external_id" may hold letters, digits and . _ - |, and at most 128 of them.'
    throw new ApiError('bad_request', message)
  }
  const isTaken = membersOf(project, organization).some(
    (record) => record !== owner && record.member.external_id === externalId,
  )
  if (isTaken) throw new ApiError('duplicate_member_external_id')
  return externalId
}

function readPhone({ member }: MemberRecord, sent: unknown): string | undefined {
  const phone = optionalText(sent, 'mfa_phone_number')
  if (phone === undefined || phone === member.mfa_phone_number) return undefined
  if (!/^\+[1-9]\d{6,14}$/.test(phone)) throw new ApiError('invalid_phone_number')
  if (member.mfa_phone_number) throw new ApiError('duplicate_member_phone_number_for_member')
  return phone
}

function readMfaMethod(sent: unknown): string | undefined {
  const method = optionalText(sent, 'default_mfa_method')
  if (method !== undefined && method !== 'sms_otp' && method !== 'totp') {
    throw new ApiError('invalid_mfa_default_method')
  }
  return method
}

function optionalFlag(value: unknown, field: string): boolean | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'boolean') return value
  throw new ApiError('bad_request', `"${field}" must be true or false.`)
}
