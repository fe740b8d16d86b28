import { text } from 'node:stream/consumers'
import type { z } from 'zod'
import { bearerToken, verifyToken } from '../authentication-api/bearer-token.ts'
import { managementAudience } from '../authentication-api/token-claims.ts'
import type { Context } from '../context.ts'
import type { Tenant } from '../tenant.ts'
import { badRequest, ManagementError, unauthorized } from './errors.ts'

/** A malformed percent encoding must not be a server error. */
export function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw badRequest('Path validation error.', 'invalid_uri')
  }
}

export async function requireScope(tenant: Tenant, ctx: Context, scope: string) {
  const token = bearerToken(ctx)
  if (!token) throw unauthorized('Missing authentication')
  const claims = await verifyToken(tenant, token, managementAudience(tenant))
  if (!claims) throw unauthorized('Invalid token')
  const granted = String(claims.scope ?? '').split(' ')
  if (granted.includes(scope)) return
  const message = `Insufficient scope, expected any of: ${scope}`
  throw new ManagementError(403, 'Forbidden', message, 'insufficient_scope')
}

export async function readBody<T>(ctx: Context, schema: z.ZodType<T>): Promise<T> {
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
