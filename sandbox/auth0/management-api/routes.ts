import { text } from 'node:stream/consumers'
import type { Management } from 'auth0'
import type { z } from 'zod'
import { bearerToken, verifyToken } from '../authentication-api/bearer-token.ts'
import { managementAudience } from '../authentication-api/token-claims.ts'
import type { Context, Middleware } from '../context.ts'
import type { Tenant } from '../tenant.ts'
import { badRequest, ManagementError, unauthorized } from './errors.ts'
import { createPasswordTicket, ticketSchema } from './password-tickets.ts'
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

/** `/api/v2/`: users, password tickets, and the settings of the tenant for reading. */
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
  const [, , , resource = '', ...rest] = ctx.path.split('/')
  const id = decode(rest.join('/'))

  switch (`${ctx.method} ${resource}${rest.length > 0 ? '/:id' : ''}`) {
    case 'POST users': {
      await requireScope(tenant, ctx, 'create:users')
      const user = await createUser(tenant, await readBody(ctx, createSchema))
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
      const user = tenant.users.byEmail(email)
      // The search is case-sensitive, so `Ada@example.com` does not find `ada@example.com`.
      const found = user?.email === email ? [toResponse(user)] : []
      ctx.body = found satisfies Management.UserResponseSchema[]
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
      await updateUser(tenant, user, await readBody(ctx, updateSchema))
      tenant.logStream.userChanged('updated', id, toResponse(user))
      ctx.body = toResponse(user) satisfies Management.UpdateUserResponseContent
      return
    }
    case 'DELETE users/:id': {
      await requireScope(tenant, ctx, 'delete:users')
      const user = tenant.users.byId(id)
      tenant.users.remove(id)
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

/** A malformed percent encoding must not be a server error. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw badRequest('Path validation error.', 'invalid_uri')
  }
}

async function requireScope(tenant: Tenant, ctx: Context, scope: string) {
  const token = bearerToken(ctx)
  if (!token) throw unauthorized('Missing authentication')
  const claims = await verifyToken(tenant, token, managementAudience(tenant))
  if (!claims) throw unauthorized('Invalid token')
  const granted = String(claims.scope ?? '').split(' ')
  if (granted.includes(scope)) return
  const message = `Insufficient scope, expected any of: ${scope}`
  throw new ManagementError(403, 'Forbidden', message, 'insufficient_scope')
}

async function readBody<T>(ctx: Context, schema: z.ZodType<T>): Promise<T> {
  let json: unknown
  try {
    json = JSON.parse(await text(ctx.req))
  } catch {
    throw badRequest('Invalid request payload JSON format')
  }
  const result = schema.safeParse(json)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const field = issue?.path.join('.')
  const suffix = field ? ` on property ${field}` : ''
  throw badRequest(`Payload validation error: '${issue?.message}'${suffix}.`)
}
