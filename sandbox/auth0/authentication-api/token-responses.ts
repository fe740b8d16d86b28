import type { Middleware } from '../context.ts'
import type { Tenant } from '../tenant.ts'
import { managementAudience } from './token-claims.ts'

/** Changes oidc-provider's responses of `/oauth/token` to the statuses and texts of Auth0. */
export function tokenResponses(tenant: Tenant): Middleware {
  return async (ctx, next) => {
    await next()
    if (ctx.path !== '/oauth/token' || ctx.method !== 'POST') return
    const answer = ctx.body as Record<string, unknown> | undefined
    if (!answer || typeof answer !== 'object') return
    if (ctx.status === 200) {
      const form = ctx.oidc?.body as Record<string, unknown> | undefined
      if (form?.audience === managementAudience(tenant))
        answer.scope ??= tenant.settings.managementScope
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
