import { text } from 'node:stream/consumers'
import { auth0Tenant } from '../../settings.ts'
import type { Context, Middleware } from '../context.ts'
import type { Tenant } from '../tenant.ts'
import { mailSetPassword } from '../ticket-mails.ts'

/** `/dbconnections/change_password` mails a link to set a password. */
export function changePassword(tenant: Tenant): Middleware {
  return async (ctx, next) => {
    if (ctx.path !== '/dbconnections/change_password' || ctx.method !== 'POST') return next()
    const { email, connection } = await parameters(ctx)
    if (typeof email !== 'string' || email === '') return refuse(ctx, 'email is required')
    if (connection !== auth0Tenant.connection) return refuse(ctx, 'connection does not exist')
    const user = tenant.users.byEmail(email)
    if (user) mailSetPassword(tenant, user)
    // The response is the same without an account, so that an attacker cannot find out which addresses have one.
    ctx.type = 'text/html'
    ctx.body = "We've just sent you an email to reset your password."
  }
}

async function parameters(ctx: Context): Promise<Record<string, unknown>> {
  const body = await text(ctx.req)
  if (!ctx.is('json')) return Object.fromEntries(new URLSearchParams(body))
  try {
    return Object(JSON.parse(body))
  } catch {
    return {}
  }
}

function refuse(ctx: Context, error: string) {
  ctx.status = 400
  ctx.body = { error }
}
