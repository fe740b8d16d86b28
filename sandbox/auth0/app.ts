import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Provider } from 'oidc-provider'
import { changePassword } from './authentication-api/change-password.ts'
import { jwks } from './authentication-api/jwks.ts'
import { logout } from './authentication-api/logout.ts'
import { createProvider } from './authentication-api/provider.ts'
import { tokenResponses } from './authentication-api/token-responses.ts'
import { userinfo } from './authentication-api/userinfo.ts'
import { exportDownloads } from './export-downloads.ts'
import { managementApi } from './management-api/routes.ts'
import { withFormBody } from './request-body.ts'
import type { Tenant } from './tenant.ts'
import { loginFlow } from './universal-login/login-flow.ts'
import { ticketLinks } from './universal-login/ticket-links.ts'

export type App = ReturnType<typeof createApp>

/** The whole tenant as one app: oidc-provider, with Auth0's other routes before it. */
export function createApp(tenant: Tenant, log: (line: string) => void) {
  let current = build(tenant, log)

  // oidc-provider takes its keys and clients once, so a change needs a new provider. Sessions and refresh tokens
  // survive, because the store is the same.
  const upToDate = () => {
    const { keys, settings } = tenant
    const isCurrent =
      current.key === keys.own &&
      current.callbackUrls === settings.callbackUrls &&
      current.logoutUrls === settings.logoutUrls
    if (!isCurrent) current = build(tenant, log)
    return current
  }

  return {
    provider: (): Provider => upToDate().provider,
    async serve(request: IncomingMessage, response: ServerResponse) {
      const path = request.url?.split('?', 1)[0] ?? ''
      const isOAuth = request.method === 'POST' && ['/oauth/token', '/oauth/revoke'].includes(path)
      const isJson = request.headers['content-type']?.startsWith('application/json')
      await upToDate().callback(isOAuth && isJson ? await withFormBody(request) : request, response)
    },
  }
}

function build(tenant: Tenant, log: (line: string) => void) {
  const provider = createProvider(tenant)
  provider.on('server_error', (_ctx, error) => log(`Auth0 stand-in: ${error.stack}`))
  provider.use(tokenResponses(tenant))
  provider.use(jwks(tenant))
  provider.use(userinfo(tenant))
  provider.use(logout(tenant, provider))
  provider.use(loginFlow(tenant, provider))
  provider.use(ticketLinks(tenant))
  provider.use(managementApi(tenant))
  provider.use(exportDownloads(tenant))
  provider.use(changePassword(tenant))
  const { callbackUrls, logoutUrls } = tenant.settings
  return {
    key: tenant.keys.own,
    callbackUrls,
    logoutUrls,
    provider,
    callback: provider.callback(),
  }
}
