import type { Management } from 'auth0'
import type { Next } from 'koa'
import { z } from 'zod'
import { auth0Tenant } from '../settings.ts'
import { readText } from './body.ts'
import { mailVerification, setPassword } from './mails.ts'
import { bearer } from './oauth.ts'
import type { Context } from './provider.ts'
import type { Tenant } from './tenant.ts'
import { managementAudience, verifyToken } from './tokens.ts'
import { hashPassword, type User } from './users.ts'

/** An error in the words and the shape of Auth0's Management API. */
class ManagementError extends Error {
  readonly status: number
  readonly body: object

  constructor(status: number, error: string, message: string, errorCode: string) {
    super(message)
    this.status = status
    this.body = { statusCode: status, error, message, errorCode }
  }
}

const badRequest = (message: string, errorCode = 'invalid_body') =>
  new ManagementError(400, 'Bad Request', message, errorCode)
const conflict = () =>
  new ManagementError(409, 'Conflict', 'The user already exists.', 'auth0_idp_error')
const noSuchUser = () =>
  new ManagementError(404, 'Not Found', 'The user does not exist.', 'inexistent_user')

const metadata = z.record(z.string(), z.unknown())
const profile = {
  email: z.email({ pattern: z.regexes.html5Email }),
  email_verified: z.boolean().optional(),
  verify_email: z.boolean().optional(),
  password: z.string().min(1).max(72).optional(),
  name: z.string().min(1).max(300).optional(),
  nickname: z.string().min(1).max(300).optional(),
  given_name: z.string().min(1).max(150).optional(),
  family_name: z.string().min(1).max(150).optional(),
  picture: z.url().optional(),
  blocked: z.boolean().optional(),
  app_metadata: metadata.optional(),
  user_metadata: metadata.optional(),
}
const createSchema = z.strictObject({
  ...profile,
  connection: z.string(),
  user_id: z.string().min(1).max(255).optional(),
})
const updateSchema = z.strictObject({
  ...profile,
  email: profile.email.optional(),
  connection: z.string().optional(),
  client_id: z.string().optional(),
})
const ticketSchema = z.strictObject({
  user_id: z.string().optional(),
  email: z.string().optional(),
  connection_id: z.string().optional(),
  client_id: z.string().optional(),
  result_url: z.url({ protocol: /^https?$/ }).optional(),
  ttl_sec: z.int().min(0).optional(),
  mark_email_as_verified: z.boolean().optional(),
  includeEmailInRedirect: z.boolean().optional(),
})

/** `/api/v2/`: users and password tickets. */
export function managementApi(tenant: Tenant) {
  return async (ctx: Context, next: Next) => {
    if (!ctx.path.startsWith('/api/v2/')) return next()
    try {
      await route(tenant, ctx)
    } catch (error) {
      if (!(error instanceof ManagementError)) throw error
      ctx.status = error.status
      ctx.body = error.body
    }
  }
}

async function route(tenant: Tenant, ctx: Context) {
  const [, , , resource = '', ...rest] = ctx.path.split('/')
  const id = rest.length > 0 ? decode(rest.join('/')) : undefined

  switch (`${ctx.method} ${resource}${id === undefined ? '' : '/:id'}`) {
    case 'POST users': {
      await requireScope(tenant, ctx, 'create:users')
      const user = await createUser(tenant, await parse(ctx, createSchema))
      ctx.status = 201
      ctx.body = toResponse(user) satisfies Management.CreateUserResponseContent
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
      // Case-sensitive, and stored in lower case: `Ada@example.com` finds nobody.
      const found = user?.email === email ? [toResponse(user)] : []
      ctx.body = found satisfies Management.UserResponseSchema[]
      return
    }
    case 'GET users/:id': {
      await requireScope(tenant, ctx, 'read:users')
      ctx.body = toResponse(existing(tenant, id)) satisfies Management.GetUserResponseContent
      return
    }
    case 'PATCH users/:id': {
      await requireScope(tenant, ctx, 'update:users')
      const user = await updateUser(tenant, existing(tenant, id), await parse(ctx, updateSchema))
      ctx.body = toResponse(user) satisfies Management.UpdateUserResponseContent
      return
    }
    case 'DELETE users/:id': {
      await requireScope(tenant, ctx, 'delete:users')
      tenant.users.remove(id ?? '')
      tenant.store.endEverything(id ?? '')
      ctx.status = 204
      return
    }
    case 'POST tickets/:id': {
      if (id !== 'password-change') break
      await requireScope(tenant, ctx, 'create:user_tickets')
      const input = await parse(ctx, ticketSchema)
      ctx.status = 201
      ctx.body = {
        ticket: passwordTicket(tenant, input),
      } satisfies Management.ChangePasswordTicketResponseContent
      return
    }
  }
  throw new ManagementError(404, 'Not Found', 'Not Found', 'not_found')
}

/** A percent sign too many must not be a server error. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw badRequest('Path validation error.', 'invalid_uri')
  }
}

async function requireScope(tenant: Tenant, ctx: Context, scope: string) {
  const token = bearer(ctx)
  const unauthorized = (message: string) =>
    new ManagementError(401, 'Unauthorized', message, 'invalid_token')
  if (!token) throw unauthorized('Missing authentication')
  const claims = await verifyToken(tenant, token, managementAudience(tenant))
  if (!claims) throw unauthorized('Invalid token')
  if (
    !String(claims.scope ?? '')
      .split(' ')
      .includes(scope)
  ) {
    const message = `Insufficient scope, expected any of: ${scope}`
    throw new ManagementError(403, 'Forbidden', message, 'insufficient_scope')
  }
}

async function parse<T>(ctx: Context, schema: z.ZodType<T>): Promise<T> {
  let json: unknown
  try {
    json = JSON.parse(await readText(ctx.req))
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

function existing(tenant: Tenant, id: string | undefined): User {
  const user = tenant.users.byId(id ?? '')
  if (!user) throw noSuchUser()
  return user
}

async function createUser(tenant: Tenant, input: z.infer<typeof createSchema>): Promise<User> {
  const { connection, user_id, verify_email, password, ...rest } = input
  if (connection !== auth0Tenant.connection) {
    throw badRequest('The connection does not exist.', 'inexistent_connection')
  }
  if (password === undefined) {
    throw badRequest("Payload validation error: 'Missing required property: password'.")
  }
  const passwordHash = await hashPassword(password)
  // After the slow hash, so that of two requests at once only one gets through.
  const id = user_id === undefined ? undefined : `auth0|${user_id}`
  if (tenant.users.byEmail(rest.email) || (id && tenant.users.byId(id))) throw conflict()
  const user = tenant.users.add({ ...rest, user_id: id, passwordHash })
  if (verify_email ?? !user.email_verified) mailVerification(tenant, user)
  return user
}

async function updateUser(
  tenant: Tenant,
  user: User,
  input: z.infer<typeof updateSchema>,
): Promise<User> {
  const { connection, client_id, verify_email, password, app_metadata, user_metadata, ...rest } =
    input
  const email = rest.email?.toLowerCase()
  if (password !== undefined && (email !== undefined || rest.email_verified !== undefined)) {
    const field = email === undefined ? 'email_verified' : 'email'
    throw badRequest(`Cannot update password and ${field} simultaneously`)
  }
  const holder = email === undefined ? undefined : tenant.users.byEmail(email)
  if (holder && holder !== user) {
    throw badRequest('The specified new email already exists', 'auth0_idp_error')
  }
  const emailChanged = email !== undefined && email !== user.email
  tenant.users.update(user, {
    ...rest,
    email,
    email_verified: rest.email_verified ?? (emailChanged ? false : undefined),
    app_metadata: merged(user.app_metadata, app_metadata),
    user_metadata: merged(user.user_metadata, user_metadata),
  })
  if (password !== undefined) await setPassword(tenant, user, password)
  if (rest.blocked) tenant.store.endSessions(user.user_id)
  if (verify_email) mailVerification(tenant, user)
  return user
}

/** Auth0 merges the first level of metadata and removes what is set to null. */
function merged(current: Record<string, unknown>, changes: Record<string, unknown> | undefined) {
  if (!changes) return undefined
  const all = Object.entries({ ...current, ...changes })
  return Object.fromEntries(all.filter(([, value]) => value !== null))
}

function passwordTicket(tenant: Tenant, input: z.infer<typeof ticketSchema>): string {
  const { user_id, email, result_url: resultUrl, ttl_sec, mark_email_as_verified } = input
  const user =
    user_id === undefined ? tenant.users.byEmail(email ?? '') : tenant.users.byId(user_id)
  if (!user) throw noSuchUser()
  const ticket = {
    kind: 'set-password',
    userId: user.user_id,
    resultUrl,
    marksVerified: mark_email_as_verified ?? false,
  } as const
  return tenant.createTicket(ticket, ttl_sec || undefined)
}

function toResponse(user: User) {
  const { passwordHash, organization, ...visible } = user
  const identity = {
    connection: auth0Tenant.connection,
    user_id: user.user_id.slice('auth0|'.length),
    provider: 'auth0',
    isSocial: false,
  } as const
  return { ...visible, identities: [identity] }
}
