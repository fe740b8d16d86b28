import type { Middleware } from '../context.ts'
import { toResponse } from '../management-api/users.ts'
import { hashNewPassword, passwordPolicies } from '../password-policy.ts'
import { replacePassword } from '../replace-password.ts'
import { readForm } from '../request-body.ts'
import type { Tenant } from '../tenant.ts'
import { sendPage } from './html.ts'
import { messagePage, setPasswordPage } from './pages.ts'

const kinds = { '/u/reset-password': 'set-password', '/u/verify-email': 'verify-email' } as const

/** The pages that the links in mails open. */
export function ticketLinks(tenant: Tenant): Middleware {
  return async (ctx, next) => {
    if (!Object.hasOwn(kinds, ctx.path)) return next()
    const kind = kinds[ctx.path as keyof typeof kinds]
    const id = new URLSearchParams(ctx.search).get('ticket') ?? ''
    const ticket = tenant.tickets.find(kind, id)
    const user = ticket && tenant.users.byId(ticket.userId)
    if (!user) {
      const text =
        'This link has expired, or you have used it already. Ask for a new one on the login page.'
      return sendPage(ctx, 400, messagePage('Link not valid', text))
    }

    if (kind === 'verify-email') {
      tenant.tickets.remove(id)
      tenant.users.update(user, { email_verified: true })
      tenant.logStream.userChanged('email_verified', user.user_id, toResponse(user))
      return sendPage(ctx, 200, messagePage('Email verified', 'You can close this page.'))
    }

    const form = {
      action: `/u/reset-password?ticket=${id}`,
      passwordRule: passwordPolicies[tenant.settings.passwordPolicy].rule,
    }
    if (ctx.method !== 'POST') return sendPage(ctx, 200, setPasswordPage(form))
    const password = (await readForm(ctx.req)).get('password') ?? ''
    const passwordHash = await hashNewPassword(tenant, password)
    if (passwordHash === null) {
      const error = { text: 'This password is too weak' }
      return sendPage(ctx, 400, setPasswordPage({ ...form, error }))
    }
    tenant.tickets.remove(id)
    replacePassword(tenant, user, passwordHash)
    if (ticket.marksVerified) tenant.users.update(user, { email_verified: true })
    tenant.logStream.userChanged('password_changed', user.user_id, toResponse(user))
    if (ticket.resultUrl) {
      ctx.status = 303
      return ctx.redirect(ticket.resultUrl)
    }
    const text = 'Your password has been changed. You can log in with it now.'
    return sendPage(ctx, 200, messagePage('Password changed', text))
  }
}
