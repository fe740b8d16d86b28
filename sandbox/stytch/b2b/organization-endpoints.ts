import type { B2BOrganizationsGetRequest, B2BOrganizationsGetResponse } from 'stytch'
import type { Project } from '../project.ts'
import type { Answer, Sent } from '../request-fields.ts'
import { requireOrganization } from './organizations.ts'

export function getOrganization(
  project: Project,
  sent: Sent<B2BOrganizationsGetRequest>,
): Answer<B2BOrganizationsGetResponse> {
  return { organization: requireOrganization(project, sent.organization_id) }
}
