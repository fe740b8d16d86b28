import type { B2BPasswordsMigrateRequest, B2BPasswordsMigrateResponse } from 'stytch'
import { ApiError } from '../errors.ts'
import { readHash } from '../password-hashes/read-hash.ts'
import type { Project } from '../project.ts'
import { type Answer, emailAddress, type Sent } from '../request-fields.ts'
import { setPasswordHash } from './member-passwords.ts'
import { applyMemberProfile } from './member-profile.ts'
import { addMember, findMemberByEmail, memberChanged } from './members.ts'
import { requireOrganization } from './organizations.ts'
import type { MemberRecord } from './store.ts'

/** Imports a password hash for a member without a password. Creates the member when there is none. */
export function migratePassword(
  project: Project,
  sent: Sent<B2BPasswordsMigrateRequest>,
): Answer<B2BPasswordsMigrateResponse> {
  const organization = requireOrganization(project, sent.organization_id)
  const email = emailAddress(sent.email_address)
  const hash = readHash(sent)
  if (sent.mfa_phone_number) {
    throw new ApiError('stand_in_not_implemented', 'The stand-in imports no phone numbers.')
  }
  const known = findMemberByEmail(project, organization, email)
  if (known && known.passwordHash !== null) throw new ApiError('password_already_exists')
  const { name, trusted_metadata, untrusted_metadata, roles, external_id } = sent
  const profile = { name, trusted_metadata, untrusted_metadata, roles }
  // As in the consumer API: only a new member gets the external id.
  const change = (record: MemberRecord) => {
    const all = known ? profile : { ...profile, external_id }
    applyMemberProfile(project, organization, record, all)
    record.member.email_address_verified = true
    setPasswordHash(record, hash)
  }
  const record = known ?? addMember(project, organization, email, change)
  if (known) {
    change(known)
    memberChanged(project, organization, known)
  }
  const { member } = record
  return { member_id: member.member_id, member_created: !known, member, organization }
}
