import type { InteractionResults, Provider } from 'oidc-provider'
import { emailPattern } from '../../stand-in/email-address.ts'
import { organizationPromptName } from '../authentication-api/organization-prompt.ts'
import { mfaClaims } from '../authentication-api/token-claims.ts'
import type { Context, Middleware } from '../context.ts'
import { toResponse } from '../management-api/users.ts'
import { hashNewPassword, passwordPolicies } from '../password-policy.ts'
import { readForm } from '../request-body.ts'
import type { Tenant } from '../tenant.ts'
import { mailSetPassword, mailVerification } from '../ticket-mails.ts'
import { passwordMatches, type User } from '../users.ts'
import { type FormError, sendPage } from './html.ts'
import {
  checkEmailPage,
  forgotPasswordPage,
  loginPage,
  messagePage,
  organizationPage,
  signupPage,
} from './pages.ts'

const pages = { login: loginPage, signup: signupPage, 'forgot-password': forgotPasswordPage }
type Screen = keyof typeof pages

/**
 * The pages of one login: `/u/<uid>`, `/u/<uid>/login`, `/u/<uid>/signup`, `/u/<uid>/forgot-password` and
 * `/u/<uid>/organization`.
 */
export function loginFlow(tenant: Tenant, provider: Provider): Middleware {
  return async (ctx, next) => {
    const match = /^\/u\/([\w-]{21,})(?:\/(login|signup|forgot-password|organization))?$/.exec(
      ctx.path,
    )
    if (!match) return next()
    const base = `/u/${match[1]}`

    // A cookie on this path ties the login to one browser, so a link to the login of another browser does not work.
    const details = await provider.interactionDetails(ctx.req, ctx.res).catch(() => null)
    if (!details || details.uid !== match[1]) {
      const text = 'This login page has expired. Go back to the app and start again.'
      return sendPage(ctx, 400, messagePage('Page expired', text))
    }
    const userId = details.session?.accountId
    if (details.prompt.name === organizationPromptName && userId) {
      return chooseOrganization(tenant, provider, ctx, { base, userId })
    }
    const hinted = details.params.screen_hint === 'signup' ? 'signup' : 'login'
    const screen = (match[2] && match[2] !== 'organization' ? match[2] : hinted) as Screen

    const send = (status: number, email: string, error?: FormError) => {
      const { rule } = passwordPolicies[tenant.settings.passwordPolicy]
      sendPage(ctx, status, pages[screen]({ base, email, error, passwordRule: rule }))
    }

    if (ctx.method !== 'POST') return send(200, text(details.params.login_hint))
    const form = await readForm(ctx.req)
    const email = text(form.get('email')).trim().toLowerCase()
    const password = text(form.get('password'))

    if (screen === 'forgot-password') {
      const user = tenant.users.byEmail(email)
      if (user) mailSetPassword(tenant, user)
      return sendPage(ctx, 200, checkEmailPage())
    }

    const result =
      screen === 'login'
        ? await logIn(tenant, email, password)
        : await signUp(tenant, email, password)
    if ('error' in result) return send(400, email, result.error)
    await returnToApp(tenant, provider, ctx, result.user)
  }
}

type Result = { user: User } | { error: FormError }

async function logIn(tenant: Tenant, email: string, password: string): Promise<Result> {
  const user = tenant.users.byEmail(email)
  if (user && (await passwordMatches(user, password))) return { user }
  return { error: { text: 'Wrong email or password' } }
}

async function signUp(tenant: Tenant, email: string, password: string): Promise<Result> {
  if (!emailPattern.test(email)) return wrong('email', 'Enter a valid email address')
  const passwordHash = await hashNewPassword(tenant, password)
  if (passwordHash === null) return wrong('password', 'This password is too weak')
  if (tenant.users.byEmail(email)) {
    return wrong('email', 'This email address already has an account')
  }
  const user = tenant.users.add({ email, passwordHash })
  mailVerification(tenant, user)
  tenant.logStream.userChanged('signed_up', user.user_id, toResponse(user))
  return { user }
}

const wrong = (field: FormError['field'], text: string): Result => ({ error: { text, field } })

async function returnToApp(tenant: Tenant, provider: Provider, ctx: Context, user: User) {
  const result = user.blocked
    ? { error: 'unauthorized', error_description: 'user is blocked' }
    : { login: { accountId: user.user_id, ...mfaClaims(user) } }
  if (!user.blocked) {
    user.last_login = tenant.clock.iso()
    user.logins_count += 1
  }
  await finishPrompt(provider, ctx, result)
}

/** Shows the organizations of the user, and accepts only one of them. */
async function chooseOrganization(
  tenant: Tenant,
  provider: Provider,
  ctx: Context,
  { base, userId }: { base: string; userId: string },
) {
  const own = tenant.organizations.of(userId)
  const chosen = ctx.method === 'POST' ? (await readForm(ctx.req)).get('organization') : null
  const organization = own.find(({ id }) => id === chosen)
  if (organization) return finishPrompt(provider, ctx, { organization: organization.id })
  sendPage(ctx, ctx.method === 'POST' ? 400 : 200, organizationPage(base, own))
}

async function finishPrompt(provider: Provider, ctx: Context, result: InteractionResults) {
  const options = { mergeWithLastSubmission: false }
  const location = await provider.interactionResult(ctx.req, ctx.res, result, options)
  ctx.status = 303
  ctx.redirect(location)
}

const text = (value: unknown) => (typeof value === 'string' ? value : '')
