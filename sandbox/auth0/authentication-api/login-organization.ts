import type { KoaContextWithOIDC } from 'oidc-provider'
import { needsOrganization } from '../clients.ts'
import { isDatabaseConnection } from '../connections.ts'
import type { Organization } from '../organizations.ts'
import type { Tenant } from '../tenant.ts'
import type { User } from '../users.ts'
import { errors } from './oidc-provider.ts'

/** Checks the parameter `organization` of `/authorize`: an id, or a name where the tenant allows names. */
export function checkOrganizationParameter(tenant: Tenant, value: unknown) {
  if (value === undefined) return
  const organization = organizationOfParameter(tenant, value)
  if (!organization) throw new errors.InvalidRequest('parameter organization is invalid')
  if (!databaseOf(organization)) {
    throw new errors.InvalidRequest('no connections enabled for the organization')
  }
}

/** Users log in with the database connection only. */
const databaseOf = ({ connections }: Organization) =>
  connections.find(({ connection_id: id }) => isDatabaseConnection({ id }))

function organizationOfParameter(
  { organizations, settings }: Tenant,
  value: unknown,
): Organization | undefined {
  const found = organizations.find(value)
  return found?.id === value || settings.organizationNames ? found : undefined
}

/**
 * The organizations between which the user must choose. Empty when the request names one, when the user has chosen, or
 * when the application needs none.
 */
export function organizationsToChooseFrom(tenant: Tenant, ctx: KoaContextWithOIDC): Organization[] {
  const { client, session, params, result } = ctx.oidc
  if (!session?.accountId || !needsOrganization(client?.clientId)) return []
  if (params?.organization !== undefined || result?.organization !== undefined) return []
  const own = tenant.organizations.of(session.accountId)
  return own.length > 1 ? own : []
}

/**
 * The organization of a login: the one that the request names, or the one that the user has chosen or is the only
 * member of. Null for a login outside of organizations.
 * @throws {errors.AccessDenied} when the user is not a member
 */
export function loginOrganization(
  tenant: Tenant,
  ctx: KoaContextWithOIDC,
  user: User,
): Organization | null {
  const { client, params, result } = ctx.oidc
  const named = params?.organization ?? result?.organization
  if (named !== undefined) {
    const organization = organizationOfParameter(tenant, named)
    if (organization) admit(tenant, organization, user, params?.invitation)
    if (organization?.members.has(user.user_id)) return organization
    const id = organization?.id ?? named
    throw new errors.AccessDenied(`user ${user.user_id} is not part of the ${id} organization`)
  }
  const own = tenant.organizations.of(user.user_id)
  if (own.length === 0 && needsOrganization(client?.clientId)) {
    throw new errors.AccessDenied(
      'client requires organization membership, but user does not belong to any organization',
    )
  }
  return own.length === 1 ? (own[0] ?? null) : null
}

/** Makes the user a member, by an invitation or by the connection's membership on login. */
function admit(tenant: Tenant, organization: Organization, user: User, ticket: unknown) {
  if (organization.members.has(user.user_id)) return
  const invitation = tenant.organizations.openInvitation(ticket, organization.id)
  if (invitation?.invitee.email.toLowerCase() === user.email) {
    organization.members.set(user.user_id, new Set(invitation.roles))
    tenant.organizations.invitations.delete(invitation.id)
  } else if (databaseOf(organization)?.assign_membership_on_login) {
    organization.members.set(user.user_id, new Set())
  }
}
