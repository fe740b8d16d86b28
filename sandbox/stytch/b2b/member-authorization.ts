import { ApiError } from '../errors.ts'
import type { Project } from '../project.ts'
import { type MemberSessionCredentials, requireMemberSession } from './member-sessions.ts'
import { findOrganization } from './organizations.ts'
import { grantingRoles } from './rbac-policy.ts'

/** The action that each field of a request needs. A member may not change the other fields. */
const organizationFields: Record<string, string> = {
  organization_name: 'update.info.name',
  organization_slug: 'update.info.slug',
  organization_logo_url: 'update.info.logo-url',
  email_allowed_domains: 'update.settings.allowed-domains',
  email_jit_provisioning: 'update.settings.email-jit-provisioning',
  email_invites: 'update.settings.email-invites',
  auth_methods: 'update.settings.allowed-auth-methods',
  allowed_auth_methods: 'update.settings.allowed-auth-methods',
  mfa_policy: 'update.settings.mfa-policy',
  mfa_methods: 'update.settings.allowed-mfa-methods',
  allowed_mfa_methods: 'update.settings.allowed-mfa-methods',
  rbac_email_implicit_role_assignments: 'update.settings.implicit-roles',
}

const memberFields: Record<string, string> = {
  name: 'update.info.name',
  untrusted_metadata: 'update.info.untrusted-metadata',
  email_address: 'update.info.email',
  mfa_phone_number: 'update.info.mfa-phone',
  mfa_enrolled: 'update.settings.mfa-enrolled',
  default_mfa_method: 'update.settings.default-mfa-method',
  is_breakglass: 'update.settings.is-breakglass',
  roles: 'update.settings.roles',
}

/** What a member may also do to the own account with a permission on `stytch.self`. */
const ownActions = [
  'delete',
  'update.info.name',
  'update.info.untrusted-metadata',
  'update.info.mfa-phone',
  'update.settings.mfa-enrolled',
  'update.settings.default-mfa-method',
]

/** The resource and the actions of a call, by SDK method. */
const callsOfMembers: Record<string, (sent: Record<string, unknown>) => [string, string[]]> = {
  'magicLinks.email.invite': () => ['stytch.member', ['create']],
  'organizations.update': (sent) => ['stytch.organization', actionsOf(organizationFields, sent)],
  'organizations.delete': () => ['stytch.organization', ['delete']],
  'organizations.members.create': () => ['stytch.member', ['create']],
  'organizations.members.search': () => ['stytch.member', ['search']],
  'organizations.members.update': (sent) => ['stytch.member', actionsOf(memberFields, sent)],
  'organizations.members.delete': () => ['stytch.member', ['delete']],
}

const pathFields = ['organization_id', 'member_id']

function actionsOf(fields: Record<string, string>, sent: Record<string, unknown>): string[] {
  return Object.keys(sent)
    .filter((field) => !pathFields.includes(field) && sent[field] !== undefined)
    .map((field) => {
      const action = Object.hasOwn(fields, field) ? fields[field] : undefined
      if (!action) throw new ApiError('session_authorization_error')
      return action
    })
}

/**
 * Checks a request that is made with the permissions of a member: the SDK sends the member's session in a
 * header. Without that header, the credentials of the project alone permit everything.
 */
export async function authorizeMember(
  project: Project,
  sdkMethod: string,
  sent: Record<string, unknown>,
  credentials: MemberSessionCredentials,
): Promise<void> {
  if (!credentials.session_token && !credentials.session_jwt) return
  const needed = callsOfMembers[sdkMethod]?.(sent)
  if (!needed) {
    const message = 'The stand-in does not play this call with the permissions of a member.'
    throw new ApiError('stand_in_not_implemented', message)
  }
  const { session } = await requireMemberSession(project, credentials)
  const { member } = project.b2b.store.members.get(session.member_id) ?? {}
  const organization = findOrganization(project, session.organization_id)
  if (!member || !organization) throw new ApiError('session_not_found')
  for (const id of [sent.organization_ids ?? sent.organization_id].flat()) {
    if (findOrganization(project, String(id)) !== organization) {
      throw new ApiError('session_authorization_tenancy_error')
    }
  }
  const isOwn = [member.member_id, member.external_id].includes(String(sent.member_id))
  const roles = member.roles.map(({ role_id }) => role_id)
  const may = (resource_id: string, action: string) =>
    grantingRoles(project, organization, roles, { resource_id, action }).length > 0
  const [resource, actions] = needed
  const isAllowed = actions.every(
    (action) =>
      may(resource, action) || (isOwn && ownActions.includes(action) && may('stytch.self', action)),
  )
  if (!isAllowed) throw new ApiError('session_authorization_error')
}
