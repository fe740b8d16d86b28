import type { Member, Organization } from 'stytch'
import { ApiError } from '../errors.ts'
import type { BackendHandler, Fields } from '../frontend-route.ts'
import type { Project } from '../project.ts'
import { emailAddress, requiredText } from '../request-fields.ts'
import { authorizeMember } from './member-authorization.ts'
import { updateMember } from './member-endpoints.ts'
import { requireMemberSession } from './member-sessions.ts'
import { findMemberByEmail } from './members.ts'
import { findOrganization, requireOrganization } from './organizations.ts'

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

export async function updateSelf(project: Project, sent: Fields) {
  const { member } = await sessionMember(project, sent)
  const update = asMember('organizations.members.update', updateMember)
  return update(project, { ...sent, member_id: member.member_id })
}

/** Runs a call of the backend API in the organization of the session, with the permissions of the member. */
export const asMember =
  (sdkMethod: string, handler: BackendHandler): BackendHandler =>
  async (project, { session_token, attributes: _, ...sent }) => {
    const { organization } = await sessionMember(project, { session_token })
    const organizationId = organization.organization_id
    const place =
      sdkMethod === 'organizations.members.search'
        ? { organization_ids: [organizationId] }
        : { organization_id: organizationId }
    await authorizeMember(project, sdkMethod, { ...sent, ...place }, { session_token })
    return handler(project, { ...sent, ...place })
  }

async function sessionMember(
  project: Project,
  { session_token }: Fields,
): Promise<{ member: Member; organization: Organization }> {
  const { session } = await requireMemberSession(project, { session_token })
  const record = project.b2b.store.members.get(session.member_id)
  if (!record) throw new ApiError('session_not_found')
  const organization = requireOrganization(project, session.organization_id)
  return { member: record.member, organization }
}
