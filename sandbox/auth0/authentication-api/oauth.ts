import type { Next } from 'koa'
import { auth0Tenant } from '../../settings.ts'
import type { Tenant } from '../tenant.ts'
import {
  managementAudience,
  managementScope,
  personClaims,
  userinfoUrl,
  verifyToken,
} from '../tokens.ts'
import { messagePage, sendPage } from '../universal-login/pages.ts'
import { type Context, logoutUrls } from './provider.ts'

/** Longer than any deadline that an app should have. */
const SLOW_JWKS_MS = 15_000

/** `/.well-known/jwks.json`, which can be made to fail. */
export function jwks(tenant: Tenant) {
  return async (ctx: Context, next: Next) => {
    if (ctx.path !== '/.well-known/jwks.json' || ctx.method !== 'GET') return next()
    if (tenant.jwksMode === 'error') {
      ctx.status = 503
      ctx.body = { statusCode: 503, error: 'Service Unavailable', message: 'Service Unavailable' }
      return
    }
    if (tenant.jwksMode === 'slow' && !(await tenant.control.hold(SLOW_JWKS_MS))) {
      ctx.respond = false
      ctx.res.destroy()
      return
    }
    ctx.set('cache-control', 'public, max-age=15, stale-while-revalidate=15')
    ctx.body = { keys: tenant.jwksMode === 'empty' ? [] : [tenant.key.publicJwk] }
  }
}

/**
 * `/userinfo` for JWT access tokens. oidc-provider refuses any token that has an
 * audience; Auth0 takes its own when they name userinfo. Opaque ones go on to it.
 */
export function userinfo(tenant: Tenant) {
  return async (ctx: Context, next: Next) => {
    if (ctx.path !== '/userinfo' || !['GET', 'POST'].includes(ctx.method)) return next()
    const token = bearer(ctx)
    if (token?.split('.').length !== 3) return next()
    const claims = await verifyToken(tenant, token, userinfoUrl(tenant))
    const scope = String(claims?.scope ?? '')
    const user = claims?.sub === undefined ? undefined : tenant.users.byId(claims.sub)
    if (!user || user.blocked || !scope.split(' ').includes('openid')) {
      ctx.status = 401
      ctx.set('www-authenticate', 'Bearer realm="Users", error="invalid_token"')
      ctx.body = 'Unauthorized'
      return
    }
    ctx.set('cache-control', 'no-store')
    ctx.body = {
      ...personClaims(user, scope),
      ...(claims?.org_id ? { org_id: claims.org_id, org_name: claims.org_name } : {}),
    }
  }
}

export function bearer(ctx: Context): string | null {
  return /^Bearer ([^\s,]+)$/i.exec(ctx.get('authorization'))?.[1] ?? null
}

/** Auth0's statuses and words where they differ from oidc-provider's. */
export function tokenErrors(tenant: Tenant) {
  return async (ctx: Context, next: Next) => {
    await next()
    if (ctx.path !== '/oauth/token' || ctx.method !== 'POST') return
    const answer = ctx.body as Record<string, unknown> | undefined
    if (!answer || typeof answer !== 'object') return
    if (ctx.status === 200) {
      const form = ctx.oidc?.body as Record<string, unknown> | undefined
      if (form?.audience === managementAudience(tenant)) answer.scope ??= managementScope
      return
    }
    const isRefresh = ctx.oidc?.params?.grant_type === 'refresh_token'
    switch (answer.error) {
      case 'invalid_grant':
        ctx.status = 403
        answer.error_description = isRefresh
          ? 'Unknown or invalid refresh token.'
          : 'Invalid authorization code'
        break
      case 'invalid_client':
        ctx.status = 401
        ctx.body = { error: 'access_denied', error_description: 'Unauthorized' }
        break
      case 'access_denied':
        ctx.status = 403
        break
    }
  }
}

/**
 * `/v2/logout` and `/oidc/logout`. Auth0 ends the session and redirects at once,
 * without a page in between, so a logout works without JavaScript.
 */
export function logout(tenant: Tenant) {
  return async (ctx: Context, next: Next) => {
    const isV2 = ctx.path === '/v2/logout'
    if ((!isV2 && ctx.path !== '/oidc/logout') || ctx.method !== 'GET') return next()
    const query = new URLSearchParams(ctx.search)
    const returnTo = query.get(isV2 ? 'returnTo' : 'post_logout_redirect_uri')
    const clientId = query.get('client_id')
    const knownClient = clientId === null || clientId === auth0Tenant.web.clientId
    if (!knownClient || (returnTo !== null && !logoutUrls(tenant).includes(returnTo))) {
      const text = knownClient
        ? 'The address to return to is not one of the Allowed Logout URLs.'
        : 'Unknown client.'
      return sendPage(ctx, 400, messagePage('Something went wrong', text))
    }
    const session = await tenant.provider.Session.get(ctx as never)
    if (session.accountId) await session.destroy()
    ctx.cookies.set(tenant.provider.cookieName('session'), null, { signed: true })
    ctx.set('cache-control', 'no-store')
    if (returnTo === null) return sendPage(ctx, 200, messagePage('Logged out', 'OK'))
    const target = new URL(returnTo)
    const state = query.get('state')
    if (!isV2 && state) target.searchParams.set('state', state)
    ctx.redirect(state && !isV2 ? target.href : returnTo)
  }
}
