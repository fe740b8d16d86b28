import type { Next } from 'koa'
import { z } from 'zod'
import type { Context } from '../authentication-api/provider.ts'
import { readForm } from '../authentication-api/request-body.ts'
import type { Tenant } from '../tenant.ts'
import { hashPassword, passwordMatches, type User } from '../users.ts'
import { forgotPasswordPage, loginPage, messagePage, sendPage, signupPage } from './pages.ts'
import { MIN_PASSWORD_LENGTH, mailSetPassword, mailVerification } from './ticket-links.ts'

const pages = { login: loginPage, signup: signupPage, 'forgot-password': forgotPasswordPage }
type Screen = keyof typeof pages

/** The pages of one interaction: `/u/<uid>`, `/u/<uid>/login`, `/u/<uid>/signup` and so on. */
export function loginPages(tenant: Tenant) {
  return async (ctx: Context, next: Next) => {
    const match = /^\/u\/([\w-]{21,})(?:\/(login|signup|forgot-password))?$/.exec(ctx.path)
    if (!match) return next()
    const base = `/u/${match[1]}`

    // Bound to the browser by a cookie on this path: a link to somebody else's
    // half-done login leads nowhere.
    const details = await tenant.provider.interactionDetails(ctx.req, ctx.res).catch(() => null)
    if (!details || details.uid !== match[1]) {
      const text = 'This login page has expired. Go back to the app and start again.'
      return sendPage(ctx, 400, messagePage('Page expired', text))
    }
    const hinted = details.params.screen_hint === 'signup' ? 'signup' : 'login'
    const screen = (match[2] ?? hinted) as Screen

    if (ctx.method !== 'POST') {
      return sendPage(ctx, 200, pages[screen]({ base, email: text(details.params.login_hint) }))
    }
    const form = await readForm(ctx.req)
    const email = text(form.get('email')).trim().toLowerCase()
    const password = text(form.get('password'))
    const again = (error: string) => sendPage(ctx, 400, pages[screen]({ base, email, error }))

    if (screen === 'forgot-password') {
      const user = tenant.users.byEmail(email)
      if (user) mailSetPassword(tenant, user)
      // The same words for a stranger's address, or the page would tell who has an account.
      const sent = 'If this address has an account, a mail with a link is on its way.'
      return sendPage(ctx, 200, messagePage('Check your email', sent))
    }

    const user =
      screen === 'login'
        ? await logIn(tenant, email, password)
        : await signUp(tenant, email, password)
    if (typeof user === 'string') return again(user)
    await finish(tenant, ctx, user)
  }
}

/** The user, or what the page says instead. */
async function logIn(tenant: Tenant, email: string, password: string): Promise<User | string> {
  const user = tenant.users.byEmail(email)
  const matches = user !== undefined && (await passwordMatches(user, password))
  return matches ? user : 'Wrong email or password'
}

async function signUp(tenant: Tenant, email: string, password: string): Promise<User | string> {
  if (!z.email().safeParse(email).success) return 'Enter a valid email address'
  if (password.length < MIN_PASSWORD_LENGTH) {
    return `The password needs at least ${MIN_PASSWORD_LENGTH} characters`
  }
  const passwordHash = await hashPassword(password)
  if (tenant.users.byEmail(email)) return 'This email address already has an account'
  const user = tenant.users.add({ email, passwordHash })
  mailVerification(tenant, user)
  return user
}

/** Back to `/authorize`, and from there to the app. */
async function finish(tenant: Tenant, ctx: Context, user: User) {
  const result = user.blocked
    ? { error: 'unauthorized', error_description: 'user is blocked' }
    : { login: { accountId: user.user_id } }
  if (!user.blocked) {
    const now = tenant.control.clock.iso()
    Object.assign(user, { last_login: now, logins_count: user.logins_count + 1 })
  }
  const options = { mergeWithLastSubmission: false }
  const location = await tenant.provider.interactionResult(ctx.req, ctx.res, result, options)
  ctx.status = 303
  ctx.redirect(location)
}

const text = (value: unknown) => (typeof value === 'string' ? value : '')
