import type { Management } from 'auth0'
import type { Context, Middleware } from '../context.ts'
import type { Tenant } from '../tenant.ts'
import { connectionRoutes } from './connection-routes.ts'
import { badRequest, ManagementError } from './errors.ts'
import { exportSchema, readJob, startExport } from './jobs.ts'
import { organizationRoutes } from './organization-routes.ts'
import { createPasswordTicket, ticketSchema } from './password-tickets.ts'
import { decode, readBody, requireScope } from './request.ts'
import { answerRoutes } from './route-table.ts'
import { readApi, readClient, readTenantSettings } from './settings.ts'
import { searchUsers } from './user-search.ts'
import {
  createSchema,
  createUser,
  requireUser,
  toResponse,
  updateSchema,
  updateUser,
} from './users.ts'

/** `/api/v2/`: users, export jobs, organizations, connections, roles, password tickets, and the settings of the tenant for reading. */
export function managementApi(tenant: Tenant): Middleware {
  return async (ctx, next) => {
    if (!ctx.path.startsWith('/api/v2/')) return next()
    try {
      await answer(tenant, ctx)
    } catch (error) {
      if (!(error instanceof ManagementError)) throw error
      ctx.status = error.status
      ctx.body = error.body
    }
  }
}

async function answer(tenant: Tenant, ctx: Context) {
  if (await answerRoutes([...organizationRoutes, ...connectionRoutes], tenant, ctx)) return
  const [, , , resource = '', ...rest] = ctx.path.split('/')
  const id = decode(rest.join('/'))

  switch (`${ctx.method} ${resource}${rest.length > 0 ? '/:id' : ''}`) {
    case 'POST users': {
      await requireScope(tenant, ctx, 'create:users')
      const user = await createUser(tenant, await readBody(ctx, createSchema))
      tenant.logStream.userChanged('created', user.user_id, toResponse(user))
      ctx.status = 201
      ctx.body = toResponse(user) satisfies Management.CreateUserResponseContent
      return
    }
    case 'GET users': {
      await requireScope(tenant, ctx, 'read:users')
      ctx.body = searchUsers(tenant.users.all(), new URLSearchParams(ctx.search))
      return
    }
    case 'GET users-by-email': {
      await requireScope(tenant, ctx, 'read:users')
      const email = new URLSearchParams(ctx.search).get('email')
      if (!email) {
        const message = "Query validation error: 'Missing required property: email'."
        throw badRequest(message, 'invalid_query_string')
      }
      // The search is case-sensitive, so `Ada@example.com` does not find `ada@example.com`.
      const users = tenant.users.all().filter((user) => user.email === email)
      ctx.body = users.map(toResponse) satisfies Management.UserResponseSchema[]
      return
    }
    case 'GET users/:id': {
      await requireScope(tenant, ctx, 'read:users')
      ctx.body = toResponse(requireUser(tenant, id)) satisfies Management.GetUserResponseContent
      return
    }
    case 'PATCH users/:id': {
      await requireScope(tenant, ctx, 'update:users')
      const user = requireUser(tenant, id)
      const changes = await readBody(ctx, updateSchema)
      await updateUser(tenant, user, changes)
      const change = changes.password === undefined ? 'updated' : 'password_set'
      tenant.logStream.userChanged(change, id, toResponse(user))
      ctx.body = toResponse(user) satisfies Management.UpdateUserResponseContent
      return
    }
    case 'DELETE users/:id': {
      await requireScope(tenant, ctx, 'delete:users')
      const user = tenant.users.byId(id)
      tenant.users.remove(id)
      tenant.organizations.forget(id)
      tenant.oidcStore.endEverything(id)
      if (user) tenant.logStream.userChanged('deleted', id, toResponse(user))
      ctx.status = 204
      return
    }
    case 'GET clients/:id': {
      await requireScope(tenant, ctx, 'read:clients')
      ctx.body = readClient(tenant, id)
      return
    }
    case 'GET resource-servers/:id': {
      await requireScope(tenant, ctx, 'read:resource_servers')
      ctx.body = readApi(tenant, id)
      return
    }
    case 'GET tenants/:id': {
      if (id !== 'settings') break
      await requireScope(tenant, ctx, 'read:tenant_settings')
      ctx.body = readTenantSettings(tenant)
      return
    }
    case 'POST jobs/:id': {
      if (id !== 'users-exports') break
      await requireScope(tenant, ctx, 'read:users')
      ctx.body = startExport(tenant, await readBody(ctx, exportSchema))
      return
    }
    case 'GET jobs/:id': {
      await requireScope(tenant, ctx, 'read:users')
      ctx.body = await readJob(tenant, id)
      return
    }
    case 'POST tickets/:id': {
      if (id !== 'password-change') break
      await requireScope(tenant, ctx, 'create:user_tickets')
      const ticket = createPasswordTicket(tenant, await readBody(ctx, ticketSchema))
      ctx.status = 201
      ctx.body = { ticket } satisfies Management.ChangePasswordTicketResponseContent
      return
    }
  }
  throw new ManagementError(404, 'Not Found', 'Not Found', 'not_found')
}
