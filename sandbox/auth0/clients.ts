import type { ClientMetadata } from 'oidc-provider'
import { auth0Tenant } from '../settings.ts'
import type { Tenant } from './tenant.ts'

/** The tenant's two applications: the app itself, and its machine client for the Management API. */
export const clients = ({ settings }: Tenant): ClientMetadata[] => [
  {
    client_id: auth0Tenant.web.clientId,
    client_secret: auth0Tenant.web.clientSecret,
    redirect_uris: settings.callbackUrls,
    post_logout_redirect_uris: settings.logoutUrls,
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
