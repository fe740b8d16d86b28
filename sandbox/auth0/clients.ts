import type { ClientMetadata } from 'oidc-provider'
import { auth0Tenant } from '../settings.ts'
import type { Tenant } from './tenant.ts'

const loginClients = [auth0Tenant.web, auth0Tenant.team]

/** Whether users log in with the application. */
export const isLoginClient = (clientId: unknown): boolean =>
  loginClients.some((client) => client.clientId === clientId)

/** The tenant's applications: the app itself, its pages for teams, and its machine client for the Management API. */
export const clients = ({ settings }: Tenant): ClientMetadata[] => [
  ...loginClients.map(
    ({ clientId, clientSecret }): ClientMetadata => ({
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: settings.callbackUrls,
      post_logout_redirect_uris: settings.logoutUrls,
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_post',
    }),
  ),
  {
    client_id: auth0Tenant.management.clientId,
    client_secret: auth0Tenant.management.clientSecret,
    redirect_uris: [],
    grant_types: ['client_credentials'],
    response_types: [],
    token_endpoint_auth_method: 'client_secret_post',
  },
]

/** Whether a login with the application must have an organization: Auth0's type of users "Business Users". */
export const needsOrganization = (clientId: string | undefined): boolean =>
  clientId === auth0Tenant.team.clientId
