import type { ClientMetadata } from 'oidc-provider'
import { auth0Tenant } from '../settings.ts'

/** Auth0's "Allowed Logout URLs". A logout redirects only to these. */
export const logoutUrls = (appBaseUrl: string): string[] => [
  appBaseUrl,
  `${appBaseUrl}/`,
  `${appBaseUrl}/login`,
]

/** The tenant's two applications: the app itself, and its machine client for the Management API. */
export const clients = (appBaseUrl: string): ClientMetadata[] => [
  {
    client_id: auth0Tenant.web.clientId,
    client_secret: auth0Tenant.web.clientSecret,
    redirect_uris: [`${appBaseUrl}/auth/callback`],
    post_logout_redirect_uris: logoutUrls(appBaseUrl),
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'client_secret_post',
  },
  {
    client_id: auth0Tenant.management.clientId,
    client_secret: auth0Tenant.management.clientSecret,
    redirect_uris: [],
    grant_types: ['client_credentials'],
    response_types: [],
    token_endpoint_auth_method: 'client_secret_post',
  },
]
