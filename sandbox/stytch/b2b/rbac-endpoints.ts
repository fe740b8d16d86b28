import type {
  B2BRBACOrganizationsGetOrgPolicyRequest,
  B2BRBACOrganizationsGetOrgPolicyResponse,
  B2BRBACOrganizationsSetOrgPolicyRequest,
  B2BRBACOrganizationsSetOrgPolicyResponse,
  B2BRBACPolicyResponse,
  PolicyRole,
} from 'stytch'
import { z } from 'zod'
import { ApiError } from '../errors.ts'
import type { Project } from '../project.ts'
import type { Answer, Sent } from '../request-fields.ts'
import { requireOrganization } from './organizations.ts'
import { rbacPolicy } from './rbac-policy.ts'

const rolesSchema = z.array(
  z.object({
    role_id: z.string().min(1),
    description: z.string().default(''),
    permissions: z.array(
      z.object({ resource_id: z.string().min(1), actions: z.array(z.string()).min(1) }),
    ),
  }),
)

export const getPolicy = (): Answer<B2BRBACPolicyResponse> => ({ policy: rbacPolicy })

export function getOrganizationPolicy(
  project: Project,
  sent: Sent<B2BRBACOrganizationsGetOrgPolicyRequest>,
): Answer<B2BRBACOrganizationsGetOrgPolicyResponse> {
  const { organization_id } = requireOrganization(project, sent.organization_id)
  const roles = project.b2b.store.organizationRoles.get(organization_id) ?? []
  return { org_policy: { roles } }
}

/** Replaces all roles that the organization has for itself. */
export function setOrganizationPolicy(
  project: Project,
  sent: Sent<B2BRBACOrganizationsSetOrgPolicyRequest>,
): Answer<B2BRBACOrganizationsSetOrgPolicyResponse> {
  const organization = requireOrganization(project, sent.organization_id)
  const parsed = z.object({ roles: rolesSchema }).safeParse(sent.org_policy)
  if (!parsed.success) throw new ApiError('bad_request', '"org_policy" is not a policy.')
  const roles: PolicyRole[] = parsed.data.roles
  const isOfProject = (roleId: string) =>
    roleId.startsWith('stytch_') || rbacPolicy.roles.some(({ role_id }) => role_id === roleId)
  if (roles.some(({ role_id }) => isOfProject(role_id))) {
    throw new ApiError('rbac_org_custom_roles_only')
  }
  project.b2b.store.organizationRoles.set(organization.organization_id, roles)
  organization.custom_roles = roles
  return { org_policy: { roles } }
}
