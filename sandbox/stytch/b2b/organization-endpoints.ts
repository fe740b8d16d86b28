import type {
  B2BOrganizationsCreateRequest,
  B2BOrganizationsCreateResponse,
  B2BOrganizationsDeleteExternalIdRequest,
  B2BOrganizationsDeleteExternalIdResponse,
  B2BOrganizationsDeleteRequest,
  B2BOrganizationsDeleteResponse,
  B2BOrganizationsGetRequest,
  B2BOrganizationsGetResponse,
  B2BOrganizationsMetricsRequest,
  B2BOrganizationsMetricsResponse,
  B2BOrganizationsUpdateRequest,
  B2BOrganizationsUpdateResponse,
  Organization,
} from 'stytch'
import { timestamp } from '../ids.ts'
import type { Project } from '../project.ts'
import { type Answer, optionalText, requiredText, type Sent } from '../request-fields.ts'
import { assignRoles } from './member-roles.ts'
import { revokeMemberSessions } from './member-sessions.ts'
import { allMembersOf, membersOf } from './members.ts'
import { applySettings } from './organization-settings.ts'
import { addOrganization, requireOrganization } from './organizations.ts'

export function createOrganization(
  project: Project,
  sent: Sent<B2BOrganizationsCreateRequest>,
): Answer<B2BOrganizationsCreateResponse> {
  const name = requiredText(sent.organization_name, 'organization_name')
  const slug = optionalText(sent.organization_slug, 'organization_slug')
  const organization = addOrganization(project, name, slug, (created) =>
    applySettings(project, created, sent),
  )
  return { organization }
}

export function getOrganization(
  project: Project,
  sent: Sent<B2BOrganizationsGetRequest>,
): Answer<B2BOrganizationsGetResponse> {
  return { organization: requireOrganization(project, sent.organization_id) }
}

export function updateOrganization(
  project: Project,
  sent: Sent<B2BOrganizationsUpdateRequest>,
): Answer<B2BOrganizationsUpdateResponse> {
  const organization = requireOrganization(project, sent.organization_id)
  applySettings(project, organization, sent)
  for (const record of allMembersOf(project, organization)) assignRoles(organization, record)
  return changed(project, organization)
}

/** The members and their sessions go with the organization. */
export function deleteOrganization(
  project: Project,
  sent: Sent<B2BOrganizationsDeleteRequest>,
): Answer<B2BOrganizationsDeleteResponse> {
  const organization = requireOrganization(project, sent.organization_id)
  const { organization_id } = organization
  const { organizations, members, organizationRoles, intermediateSessions } = project.b2b.store
  for (const { member } of allMembersOf(project, organization)) {
    revokeMemberSessions(project, member.member_id)
    members.delete(member.member_id)
  }
  for (const [token, { organizationId }] of intermediateSessions) {
    if (organizationId === organization_id) intermediateSessions.delete(token)
  }
  organizationRoles.delete(organization_id)
  organizations.delete(organization_id)
  project.b2b.webhooks.organizationChanged('DELETE', organization)
  return { organization_id }
}

export function deleteOrganizationExternalId(
  project: Project,
  sent: Sent<B2BOrganizationsDeleteExternalIdRequest>,
): Answer<B2BOrganizationsDeleteExternalIdResponse> {
  const organization = requireOrganization(project, sent.organization_id)
  delete organization.organization_external_id
  return changed(project, organization)
}

export function countMembers(
  project: Project,
  sent: Sent<B2BOrganizationsMetricsRequest>,
): Answer<B2BOrganizationsMetricsResponse> {
  const organization = requireOrganization(project, sent.organization_id)
  return { member_count: membersOf(project, organization).length }
}

function changed(project: Project, organization: Organization): { organization: Organization } {
  organization.updated_at = timestamp(project.clock.now())
  project.b2b.webhooks.organizationChanged('UPDATE', organization)
  return { organization }
}
