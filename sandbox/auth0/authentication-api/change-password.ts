import type { Next } from 'koa'
import { auth0Tenant } from '../../settings.ts'
import type { Tenant } from '../tenant.ts'
import { mailSetPassword } from '../universal-login/ticket-links.ts'
import type { Context } from './provider.ts'
import { readText } from './request-body.ts'

/** `/dbconnections/change_password` of the Authentication API: mails a link. */
export function changePassword(tenant: Tenant) {
  return async (ctx: Context, next: Next) => {
    if (ctx.path !== '/dbconnections/change_password' || ctx.method !== 'POST') return next()
    const { email, connection } = await parameters(ctx)
    if (typeof email !== 'string' || email === '') return refuse(ctx, 'email is required')
    if (connection !== auth0Tenant.connection) return refuse(ctx, 'connection does not exist')
    const user = tenant.users.byEmail(email)
    if (user) mailSetPassword(tenant, user)
    // The same for everybody: it must not tell who has an account.
    ctx.type = 'text/html'
    ctx.body = "We've just sent you an email to reset your password."
  }
}

async function parameters(ctx: Context): Promise<Record<string, unknown>> {
  const text = await readText(ctx.req)
  if (!ctx.is('json')) return Object.fromEntries(new URLSearchParams(text))
  try {
    return Object(JSON.parse(text))
  } catch {
    return {}
  }
}

function refuse(ctx: Context, error: string) {
  ctx.status = 400
  ctx.body = { error }
}
