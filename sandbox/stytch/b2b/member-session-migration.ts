import type { B2BSessionsMigrateRequest, B2BSessionsMigrateResponse } from 'stytch'
import { ApiError } from '../errors.ts'
import type { Project } from '../project.ts'
import { type Answer, requiredText, type Sent } from '../request-fields.ts'
import { askUserinfo } from '../userinfo.ts'
import { refuseLocked } from './member-lock.ts'
import { memberSessionOptions, startMemberSession } from './member-sessions.ts'
import { findMemberByEmail } from './members.ts'
import { requireOrganization } from './organizations.ts'

/**
 * Migrates a session from another provider. An active member with the address of its user must exist in
 * the organization. The result is a full session, whatever the organization demands of a login.
 */
export async function migrateMemberSession(
  project: Project,
  sent: Sent<B2BSessionsMigrateRequest>,
): Promise<Answer<B2BSessionsMigrateResponse>> {
  const token = requiredText(sent.session_token, 'session_token')
  const organization = requireOrganization(project, sent.organization_id)
  const options = memberSessionOptions(sent)
  const email = await askUserinfo(project.b2b.userinfoUrl, token)
  const record = findMemberByEmail(project, organization, email.toLowerCase())
  if (record?.member.status !== 'active') {
    throw new ApiError('migrate_from_external_email_does_not_exist')
  }
  const { member } = record
  refuseLocked(project, record)
  const factor = { type: 'imported', delivery_method: 'imported_auth0' }
  const session = await startMemberSession(project, record, [factor], options)
  return { ...session, member_id: member.member_id, member, organization }
}
