import type { Middleware } from '../context.ts'
import type { Tenant } from '../tenant.ts'
import { bearerToken, verifyToken } from './bearer-token.ts'
import { userClaims, userinfoUrl } from './token-claims.ts'

/**
 * `/userinfo` for access tokens that are JWTs. Auth0 takes them when their audience names userinfo, and
 * oidc-provider refuses every token with an audience. oidc-provider answers the opaque tokens.
 */
export function userinfo(tenant: Tenant): Middleware {
  return async (ctx, next) => {
    if (ctx.path !== '/userinfo' || !['GET', 'POST'].includes(ctx.method)) return next()
    const token = bearerToken(ctx)
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
      ...userClaims(user, scope),
      ...(claims?.org_id ? { org_id: claims.org_id, org_name: claims.org_name } : {}),
    }
  }
}
