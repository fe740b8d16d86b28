import type { Member, Organization } from 'stytch'
import { ApiError } from '../errors.ts'
import type { Fields } from '../frontend-route.ts'
import type { Project } from '../project.ts'
import { emailAddress, requiredText } from '../request-fields.ts'
import { inviteByLink } from './magic-links.ts'
import { updateMember } from './member-endpoints.ts'
import { searchMembers } from './member-search.ts'
import { requireMemberSession } from './member-sessions.ts'
import { findMemberByEmail } from './members.ts'
import { findOrganization, requireOrganization } from './organizations.ts'
import { grantingRoles } from './rbac-policy.ts'

/** The routes of the browser SDK that read an organization and its members. */

/** What a visitor may see of an organization: how to log in to it. */
const publicFields = [
  'organization_id',
  'organization_name',
  'organization_logo_url',
  'organization_slug',
  'auth_methods',
  'allowed_auth_methods',
  'mfa_policy',
  'mfa_methods',
  'allowed_mfa_methods',
  'email_jit_provisioning',
  'email_allowed_domains',
  'sso_active_connections',
  'sso_default_connection_id',
  'oauth_tenant_jit_provisioning',
  'allowed_oauth_tenants',
] as const satisfies (keyof Organization)[]

export function organizationBySlug(project: Project, { organization_slug }: Fields) {
  const organization = findOrganization(project, requiredText(organization_slug, 'slug'))
  if (!organization) return { organization: null }
  const shown = publicFields.map((field) => [field, organization[field]])
  return { organization: Object.fromEntries(shown) }
}

/** The password form asks it, to tell a login from a sign-up. It answers no more than that. */
export function findMember(project: Project, sent: Fields) {
  const organization = requireOrganization(project, sent.organization_id)
  const record = findMemberByEmail(project, organization, emailAddress(sent.email_address))
  return { member: record ? { member_id: record.member.member_id } : null }
}

export async function ownMember(project: Project, sent: Fields) {
  const { member } = await sessionMember(project, sent)
  return { member_id: member.member_id, member }
}

export async function ownOrganization(project: Project, sent: Fields) {
  const { organization } = await sessionMember(project, sent)
  return { organization }
}

/** A member may change these fields, and no roles. */
export async function updateSelf(project: Project, sent: Fields) {
  const { member } = await sessionMember(project, sent)
  const { name, untrusted_metadata, mfa_enrolled, mfa_phone_number, default_mfa_method } = sent
  return updateMember(project, {
    organization_id: member.organization_id,
    member_id: member.member_id,
    ...{ name, untrusted_metadata, mfa_enrolled, mfa_phone_number, default_mfa_method },
  })
}

/** Searches the organization of the session. The request cannot name another one. */
export async function searchColleagues(project: Project, sent: Fields) {
  const { organization } = await authorizedMember(project, sent, 'search')
  const { query, cursor, limit } = sent
  const organization_ids = [organization.organization_id]
  return searchMembers(project, { query, cursor, limit, organization_ids })
}

export async function inviteAsMember(project: Project, sent: Fields) {
  const { organization } = await authorizedMember(project, sent, 'create')
  return inviteByLink(project, { ...sent, organization_id: organization.organization_id })
}

type SessionMember = { member: Member; organization: Organization }

async function sessionMember(project: Project, { session_token }: Fields): Promise<SessionMember> {
  const { session } = await requireMemberSession(project, { session_token })
  const record = project.b2b.store.members.get(session.member_id)
  if (!record) throw new ApiError('session_not_found')
  const organization = requireOrganization(project, session.organization_id)
  return { member: record.member, organization }
}

/** Refuses a member without a role that may do this with members. */
async function authorizedMember(
  project: Project,
  sent: Fields,
  action: 'create' | 'search',
): Promise<SessionMember> {
  const found = await sessionMember(project, sent)
  const roles = found.member.roles.map(({ role_id }) => role_id)
  const check = { resource_id: 'stytch.member', action }
  if (grantingRoles(project, found.organization, roles, check).length > 0) return found
  throw new ApiError('session_authorization_error')
}
