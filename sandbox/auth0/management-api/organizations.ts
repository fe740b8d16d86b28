import { z } from 'zod'
import {
  databaseConnection,
  type EnabledConnection,
  newId,
  type Organization,
  type Role,
} from '../organizations.ts'
import type { Tenant } from '../tenant.ts'
import { badRequest, organizationConflict, organizationNotFound, roleNotFound } from './errors.ts'
import { requireUser } from './users.ts'

const name = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,49}$/)
const details = {
  display_name: z.string().min(1).max(255).optional(),
  branding: z.record(z.string(), z.unknown()).optional(),
  metadata: z.record(z.string(), z.string().max(255).nullable()).optional(),
}
export const connectionSchema = z.strictObject({
  connection_id: z.string(),
  assign_membership_on_login: z.boolean().optional(),
  is_signup_enabled: z.boolean().optional(),
  show_as_button: z.boolean().optional(),
})
export const connectionUpdateSchema = connectionSchema.omit({ connection_id: true })
export const createSchema = z.strictObject({
  ...details,
  name,
  enabled_connections: z.array(connectionSchema).max(10).optional(),
})
export const updateSchema = z.strictObject({ ...details, name: name.optional() })
export const membersSchema = z.strictObject({ members: z.array(z.string()).min(1).max(10) })
export const rolesSchema = z.strictObject({ roles: z.array(z.string()).min(1) })
export const createRoleSchema = z.strictObject({
  name: z.string().min(1).max(64),
  description: z.string().min(1).max(255).optional(),
})

export function requireOrganization({ organizations }: Tenant, id: string): Organization {
  const organization = organizations.organizations.get(id)
  if (!organization) throw organizationNotFound()
  return organization
}

export function requireRole({ organizations }: Tenant, id: string): Role {
  const role = organizations.roles.get(id)
  if (!role) throw roleNotFound()
  return role
}

/** The organization as the API returns it. */
export const toOrganization = ({ id, name, display_name, branding, metadata }: Organization) => ({
  id,
  name,
  display_name,
  ...(branding && { branding }),
  metadata: metadata as Record<string, string>,
})

export function createOrganization(
  tenant: Tenant,
  { enabled_connections = [], ...input }: z.infer<typeof createSchema>,
): Organization {
  if (tenant.organizations.byName(input.name)) throw organizationConflict()
  // Auth0 enables no connection by default.
  const connections = enabled_connections.map((each) => enabledConnection(tenant, each))
  return tenant.organizations.add({ ...withoutUndefined(input), connections })
}

export function updateOrganization(
  tenant: Tenant,
  organization: Organization,
  { metadata, ...changes }: z.infer<typeof updateSchema>,
) {
  const holder = changes.name === undefined ? undefined : tenant.organizations.byName(changes.name)
  if (holder && holder !== organization) throw organizationConflict()
  Object.assign(organization, withoutUndefined({ ...changes, metadata }))
}

export function enabledConnection(
  { connections }: Tenant,
  input: z.infer<typeof connectionSchema>,
): EnabledConnection {
  if (!connections.connections.has(input.connection_id)) {
    throw badRequest('The connection does not exist.', 'inexistent_connection')
  }
  return { ...databaseConnection(), ...withoutUndefined(input) }
}

/** A connection as the API returns it. */
export function toConnection({ connections }: Tenant, enabled: EnabledConnection) {
  const { name, strategy } = connections.connections.get(enabled.connection_id) ?? {
    name: '',
    strategy: '',
  }
  return { ...enabled, connection: { name, strategy } }
}

export function addMembers(tenant: Tenant, { members }: Organization, ids: string[]) {
  for (const id of ids) requireUser(tenant, id)
  for (const id of ids) if (!members.has(id)) members.set(id, new Set())
}

/** The members as the API returns them. Auth0 sends the roles only if the request names the field. */
export function membersOf(tenant: Tenant, { members }: Organization, fields: string | null) {
  const wanted = (fields ?? 'user_id,email,name,picture').split(',')
  return [...members].map(([id, roleIds]) => {
    const { user_id, email, name, picture } = requireUser(tenant, id)
    const roles = rolesOf(tenant, roleIds).map(({ id, name }) => ({ id, name }))
    const all = Object.entries({ user_id, email, name, picture, roles })
    return Object.fromEntries(
      all.filter(([key, value]) => wanted.includes(key) && value !== undefined),
    )
  })
}

/** The ids of a member's roles, which the caller may change. */
export function requireMember(tenant: Tenant, { members }: Organization, userId: string) {
  requireUser(tenant, userId)
  const roleIds = members.get(userId)
  if (!roleIds) {
    throw badRequest('The user is not a member of the organization.', 'invalid_member')
  }
  return roleIds
}

export const rolesOf = (tenant: Tenant, ids: Iterable<string>): Role[] =>
  [...ids].map((id) => requireRole(tenant, id))

export function createRole(
  { organizations: { roles } }: Tenant,
  { name, description = name }: z.infer<typeof createRoleSchema>,
): Role {
  if ([...roles.values()].some((role) => role.name === name)) {
    throw badRequest('A role with this name already exists.', 'role_conflict')
  }
  const role = { id: newId('rol'), name, description }
  roles.set(role.id, role)
  return role
}

function withoutUndefined<T extends object>(value: T) {
  const given = Object.entries(value).filter(([, item]) => item !== undefined)
  return Object.fromEntries(given) as { [K in keyof T]: Exclude<T[K], undefined> }
}
