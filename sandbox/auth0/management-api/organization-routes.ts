import type { Organization } from '../organizations.ts'
import { ManagementError, organizationNotFound } from './errors.ts'
import {
  createInvitation,
  invitationSchema,
  invitationsOf,
  requireInvitation,
} from './invitations.ts'
import {
  addMembers,
  connectionSchema,
  connectionUpdateSchema,
  createOrganization,
  createRole,
  createRoleSchema,
  createSchema,
  enabledConnection,
  membersOf,
  membersSchema,
  requireMember,
  requireOrganization,
  requireRole,
  rolesOf,
  rolesSchema,
  toConnection,
  toOrganization,
  updateOrganization,
  updateSchema,
} from './organizations.ts'
import { pageOf } from './pagination.ts'
import { readBody } from './request.ts'
import type { Call, Route } from './route-table.ts'
import { requireUser } from './users.ts'

const organizationOf = ({ tenant, ids: [id = ''] }: Call): Organization =>
  requireOrganization(tenant, id)

export const organizationRoutes: Route[] = [
  {
    route: 'GET organizations',
    scope: 'read:organizations',
    answer: ({ tenant, query }) => {
      const all = [...tenant.organizations.organizations.values()]
      return pageOf(query, 'organizations', all.map(toOrganization))
    },
  },
  {
    route: 'POST organizations',
    scope: 'create:organizations',
    status: 201,
    async answer({ tenant, ctx }) {
      const organization = createOrganization(tenant, await readBody(ctx, createSchema))
      const enabled_connections = organization.connections.map((each) => toConnection(tenant, each))
      return { ...toOrganization(organization), enabled_connections }
    },
  },
  {
    route: 'GET organizations/name/:id',
    scope: 'read:organizations',
    answer({ tenant, ids: [name = ''] }) {
      const organization = tenant.organizations.byName(name)
      if (!organization) throw organizationNotFound()
      return toOrganization(organization)
    },
  },
  {
    route: 'GET organizations/:id',
    scope: 'read:organizations',
    answer: (call) => toOrganization(organizationOf(call)),
  },
  {
    route: 'PATCH organizations/:id',
    scope: 'update:organizations',
    async answer(call) {
      const organization = organizationOf(call)
      updateOrganization(call.tenant, organization, await readBody(call.ctx, updateSchema))
      return toOrganization(organization)
    },
  },
  {
    route: 'DELETE organizations/:id',
    scope: 'delete:organizations',
    answer({ tenant, ids: [id = ''] }) {
      tenant.organizations.remove(id)
      return null
    },
  },
  {
    route: 'GET organizations/:id/members',
    scope: 'read:organization_members',
    answer(call) {
      const { tenant, query } = call
      const members = membersOf(tenant, organizationOf(call), query.get('fields'))
      return pageOf(query, 'members', members)
    },
  },
  {
    route: 'POST organizations/:id/members',
    scope: 'create:organization_members',
    async answer(call) {
      const organization = organizationOf(call)
      const { members } = await readBody(call.ctx, membersSchema)
      addMembers(call.tenant, organization, members)
      return null
    },
  },
  {
    route: 'DELETE organizations/:id/members',
    scope: 'delete:organization_members',
    async answer(call) {
      const organization = organizationOf(call)
      const { members } = await readBody(call.ctx, membersSchema)
      const removed = members.filter((id) => organization.members.delete(id))
      if (removed.length > 0) call.tenant.logStream.membersRemoved(organization.id, removed)
      return null
    },
  },
  {
    route: 'GET organizations/:id/members/:id/roles',
    scope: 'read:organization_member_roles',
    answer(call) {
      const roleIds = requireMember(call.tenant, organizationOf(call), call.ids[1] ?? '')
      return pageOf(call.query, 'roles', rolesOf(call.tenant, roleIds))
    },
  },
  {
    route: 'POST organizations/:id/members/:id/roles',
    scope: 'create:organization_member_roles',
    async answer(call) {
      const roleIds = requireMember(call.tenant, organizationOf(call), call.ids[1] ?? '')
      const { roles } = await readBody(call.ctx, rolesSchema)
      for (const { id } of rolesOf(call.tenant, roles)) roleIds.add(id)
      return null
    },
  },
  {
    route: 'DELETE organizations/:id/members/:id/roles',
    scope: 'delete:organization_member_roles',
    async answer(call) {
      const roleIds = requireMember(call.tenant, organizationOf(call), call.ids[1] ?? '')
      const { roles } = await readBody(call.ctx, rolesSchema)
      for (const id of roles) roleIds.delete(id)
      return null
    },
  },
  {
    route: 'GET organizations/:id/enabled_connections',
    scope: 'read:organization_connections',
    answer(call) {
      const { connections } = organizationOf(call)
      const all = connections.map((each) => toConnection(call.tenant, each))
      return pageOf(call.query, 'enabled_connections', all)
    },
  },
  {
    route: 'POST organizations/:id/enabled_connections',
    scope: 'create:organization_connections',
    status: 201,
    async answer(call) {
      const { connections } = organizationOf(call)
      const connection = enabledConnection(call.tenant, await readBody(call.ctx, connectionSchema))
      if (connections.some((each) => each.connection_id === connection.connection_id)) {
        const message = 'The connection is already enabled for this organization.'
        throw new ManagementError(409, 'Conflict', message, 'organization_connection_conflict')
      }
      connections.push(connection)
      return toConnection(call.tenant, connection)
    },
  },
  {
    route: 'PATCH organizations/:id/enabled_connections/:id',
    scope: 'update:organization_connections',
    async answer(call) {
      const connection = requireConnection(call)
      return toConnection(
        call.tenant,
        Object.assign(connection, await readBody(call.ctx, connectionUpdateSchema)),
      )
    },
  },
  {
    route: 'DELETE organizations/:id/enabled_connections/:id',
    scope: 'delete:organization_connections',
    answer(call) {
      const organization = organizationOf(call)
      const connection = requireConnection(call)
      organization.connections = organization.connections.filter((each) => each !== connection)
      return null
    },
  },
  {
    route: 'GET organizations/:id/invitations',
    scope: 'read:organization_invitations',
    answer: (call) =>
      pageOf(call.query, 'invitations', invitationsOf(call.tenant, organizationOf(call))),
  },
  {
    route: 'POST organizations/:id/invitations',
    scope: 'create:organization_invitations',
    status: 201,
    async answer(call) {
      const input = await readBody(call.ctx, invitationSchema)
      return createInvitation(call.tenant, organizationOf(call), input)
    },
  },
  {
    route: 'GET organizations/:id/invitations/:id',
    scope: 'read:organization_invitations',
    answer: (call) => requireInvitation(call.tenant, organizationOf(call), call.ids[1] ?? ''),
  },
  {
    route: 'DELETE organizations/:id/invitations/:id',
    scope: 'delete:organization_invitations',
    answer(call) {
      const { id } = requireInvitation(call.tenant, organizationOf(call), call.ids[1] ?? '')
      call.tenant.organizations.invitations.delete(id)
      return null
    },
  },
  {
    route: 'GET users/:id/organizations',
    scope: 'read:organizations',
    answer({ tenant, query, ids: [id = ''] }) {
      const { user_id } = requireUser(tenant, id)
      return pageOf(query, 'organizations', tenant.organizations.of(user_id).map(toOrganization))
    },
  },
  {
    route: 'GET roles',
    scope: 'read:roles',
    answer({ tenant, query }) {
      const part = query.get('name_filter')?.toLowerCase() ?? ''
      const all = [...tenant.organizations.roles.values()]
      return pageOf(
        query,
        'roles',
        all.filter(({ name }) => name.toLowerCase().includes(part)),
      )
    },
  },
  {
    route: 'POST roles',
    scope: 'create:roles',
    answer: async ({ tenant, ctx }) => createRole(tenant, await readBody(ctx, createRoleSchema)),
  },
  {
    route: 'GET roles/:id',
    scope: 'read:roles',
    answer: ({ tenant, ids: [id = ''] }) => requireRole(tenant, id),
  },
]

function requireConnection(call: Call) {
  const found = organizationOf(call).connections.find(
    ({ connection_id }) => connection_id === call.ids[1],
  )
  if (found) return found
  const message = 'No connection found by that id.'
  throw new ManagementError(404, 'Not Found', message, 'inexistent_connection')
}
