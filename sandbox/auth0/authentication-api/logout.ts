import type { Provider } from 'oidc-provider'
import { isLoginClient } from '../clients.ts'
import type { Middleware } from '../context.ts'
import type { Tenant } from '../tenant.ts'
import { sendPage } from '../universal-login/html.ts'
import { messagePage } from '../universal-login/pages.ts'

/**
 * `/v2/logout` and `/oidc/logout`. Auth0 ends the session and redirects at once, without a page that
 * asks, so a logout works without JavaScript.
 */
export function logout(tenant: Tenant, provider: Provider): Middleware {
  return async (ctx, next) => {
    const isV2 = ctx.path === '/v2/logout'
    if ((!isV2 && ctx.path !== '/oidc/logout') || ctx.method !== 'GET') return next()
    const query = new URLSearchParams(ctx.search)
    const returnTo = query.get(isV2 ? 'returnTo' : 'post_logout_redirect_uri')
    const clientId = query.get('client_id')
    if (clientId !== null && !isLoginClient(clientId)) {
      return sendPage(ctx, 400, messagePage('Something went wrong', 'Unknown client.'))
    }
    if (returnTo !== null && !tenant.settings.logoutUrls.includes(returnTo)) {
      const text = 'The address to return to is not one of the Allowed Logout URLs.'
      return sendPage(ctx, 400, messagePage('Something went wrong', text))
    }
    const session = await provider.Session.get(ctx as never)
    if (session.accountId) await session.destroy()
    ctx.cookies.set(provider.cookieName('session'), null, { signed: true })
    ctx.set('cache-control', 'no-store')
    if (returnTo === null) {
      return sendPage(ctx, 200, messagePage('Logged out', 'You can close this page.'))
    }
    const state = query.get('state')
    if (isV2 || !state) return ctx.redirect(returnTo)
    const target = new URL(returnTo)
    target.searchParams.set('state', state)
    ctx.redirect(target.href)
  }
}
