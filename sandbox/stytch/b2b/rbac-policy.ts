import type { AuthorizationVerdict, Organization, Policy, PolicyRole } from 'stytch'
import { ApiError } from '../errors.ts'
import type { Project } from '../project.ts'
import { optionalObject, requiredText } from '../request-fields.ts'
import { findOrganization } from './organizations.ts'

/** The resources of Stytch, with the actions that the stand-in checks. */
const stytchResources = {
  'stytch.self': [
    'delete',
    'update.info.name',
    'update.info.untrusted-metadata',
    'update.info.mfa-phone',
    'update.settings.mfa-enrolled',
    'update.settings.default-mfa-method',
  ],
  'stytch.organization': [
    'delete',
    'update.info.name',
    'update.info.slug',
    'update.info.logo-url',
    'update.settings.allowed-domains',
    'update.settings.email-jit-provisioning',
    'update.settings.email-invites',
    'update.settings.allowed-auth-methods',
    'update.settings.mfa-policy',
    'update.settings.allowed-mfa-methods',
    'update.settings.implicit-roles',
  ],
  'stytch.member': [
    'create',
    'search',
    'delete',
    'update.info.name',
    'update.info.untrusted-metadata',
    'update.info.email',
    'update.info.mfa-phone',
    'update.settings.mfa-enrolled',
    'update.settings.default-mfa-method',
    'update.settings.is-breakglass',
    'update.settings.roles',
  ],
}

const appResources = {
  'team.notes': ['read', 'create', 'update', 'delete'],
  'team.members': ['read', 'invite', 'update', 'delete'],
}

const everything = (...resourceIds: string[]) =>
  resourceIds.map((resource_id) => ({ resource_id, actions: ['*'] }))

/** The RBAC policy of the B2B project: the two roles of Stytch, and `editor`. */
export const rbacPolicy: Policy = {
  roles: [
    {
      role_id: 'stytch_member',
      description: 'Granted to all members upon creation.',
      permissions: [
        ...everything('stytch.self'),
        { resource_id: 'team.notes', actions: ['read'] },
        { resource_id: 'team.members', actions: ['read'] },
      ],
    },
    {
      role_id: 'stytch_admin',
      description: 'Granted to the member who creates an organization.',
      permissions: everything(...Object.keys({ ...stytchResources, ...appResources })),
    },
    {
      role_id: 'editor',
      description: 'May edit the notes of the team, and invite members.',
      permissions: [
        ...everything('team.notes'),
        { resource_id: 'team.members', actions: ['read', 'invite'] },
      ],
    },
  ],
  resources: Object.entries({ ...stytchResources, ...appResources }).map(
    ([resource_id, actions]) => ({ resource_id, description: '', actions }),
  ),
  scopes: [],
}

/** The roles of the project, and those of the organization alone. */
export const rolesOf = (project: Project, organization: Organization): PolicyRole[] => [
  ...rbacPolicy.roles,
  ...(project.b2b.store.organizationRoles.get(organization.organization_id) ?? []),
]

/** The roles of the member that grant the action. */
export function grantingRoles(
  project: Project,
  organization: Organization,
  memberRoles: string[],
  { resource_id, action }: { resource_id: string; action: string },
): string[] {
  return rolesOf(project, organization)
    .filter(({ role_id }) => memberRoles.includes(role_id))
    .filter(({ permissions }) =>
      permissions.some(
        (permission) =>
          permission.resource_id === resource_id &&
          (permission.actions.includes(action) || permission.actions.includes('*')),
      ),
    )
    .map(({ role_id }) => role_id)
}

/** Checks the `authorization_check` of a request. @returns undefined without one */
export function checkAuthorization(
  project: Project,
  sent: unknown,
  member: { organizationId: string; roles: string[] },
): AuthorizationVerdict | undefined {
  const check = optionalObject(sent, 'authorization_check')
  if (!check) return undefined
  const organization = findOrganization(
    project,
    requiredText(check.organization_id, 'organization_id'),
  )
  if (organization?.organization_id !== member.organizationId) {
    throw new ApiError('session_authorization_tenancy_error')
  }
  const granting_roles = grantingRoles(project, organization, member.roles, {
    resource_id: requiredText(check.resource_id, 'resource_id'),
    action: requiredText(check.action, 'action'),
  })
  if (granting_roles.length === 0) throw new ApiError('session_authorization_error')
  return { authorized: true, granting_roles }
}
