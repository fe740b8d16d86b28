import type { Next } from 'koa'
import type { Context } from '../authentication-api/provider.ts'
import { readForm } from '../authentication-api/request-body.ts'
import type { Tenant } from '../tenant.ts'
import { hashPassword, type User } from '../users.ts'
import { messagePage, sendPage, setPasswordPage } from './pages.ts'

export const MIN_PASSWORD_LENGTH = 8

export function mailSetPassword(tenant: Tenant, user: User) {
  const ticket = { kind: 'set-password', userId: user.user_id, marksVerified: false } as const
  tenant.control.inbox.deliver({
    to: user.email,
    kind: 'set-password',
    link: tenant.createTicket(ticket),
  })
}

export function mailVerification(tenant: Tenant, user: User) {
  const ticket = { kind: 'verify-email', userId: user.user_id, marksVerified: true } as const
  tenant.control.inbox.deliver({
    to: user.email,
    kind: 'verify-email',
    link: tenant.createTicket(ticket),
  })
}

/** Ends what a thief of the old password may hold. */
export async function setPassword(tenant: Tenant, user: User, password: string) {
  tenant.users.update(user, {
    passwordHash: await hashPassword(password),
    last_password_reset: tenant.control.clock.iso(),
  })
  tenant.store.endEverything(user.user_id)
}

/** The pages that the links in the mails open. */
export function mailedPages(tenant: Tenant) {
  return async (ctx: Context, next: Next) => {
    if (ctx.path !== '/u/reset-password' && ctx.path !== '/u/verify-email') return next()
    const kind = ctx.path === '/u/reset-password' ? 'set-password' : 'verify-email'
    const id = new URLSearchParams(ctx.search).get('ticket') ?? ''
    const ticket = tenant.tickets.get(id)
    const user = ticket && tenant.users.byId(ticket.userId)
    if (!user || ticket.kind !== kind || ticket.expiresAt <= tenant.control.clock.now()) {
      const text = 'This link has expired or was used before.'
      return sendPage(ctx, 400, messagePage('Link not valid', text))
    }

    if (kind === 'verify-email') {
      tenant.tickets.delete(id)
      tenant.users.update(user, { email_verified: true })
      return sendPage(ctx, 200, messagePage('Email verified', 'You can close this page.'))
    }

    const action = `/u/reset-password?ticket=${id}`
    if (ctx.method !== 'POST') return sendPage(ctx, 200, setPasswordPage({ action }))
    const password = (await readForm(ctx.req)).get('password') ?? ''
    if (password.length < MIN_PASSWORD_LENGTH) {
      const error = `The password needs at least ${MIN_PASSWORD_LENGTH} characters`
      return sendPage(ctx, 400, setPasswordPage({ action, error }))
    }
    tenant.tickets.delete(id)
    await setPassword(tenant, user, password)
    if (ticket.marksVerified) tenant.users.update(user, { email_verified: true })
    if (ticket.resultUrl) {
      ctx.status = 303
      return ctx.redirect(ticket.resultUrl)
    }
    const text = 'Your password has been changed. You can log in with it now.'
    return sendPage(ctx, 200, messagePage('Password changed', text))
  }
}
