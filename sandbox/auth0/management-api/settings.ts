import type { Management } from 'auth0'
import { auth0Tenant } from '../../settings.ts'
import { isLoginClient, needsOrganization } from '../clients.ts'
import type { Tenant } from '../tenant.ts'
import { ManagementError } from './errors.ts'

const notFound = (what: string) =>
  new ManagementError(404, 'Not Found', `${what} not found`, `inexistent_${what.toLowerCase()}`)

/** The settings of an application for users, as the dashboard shows them. */
export function readClient({ settings }: Tenant, id: string): Management.GetClientResponseContent {
  if (!isLoginClient(id)) throw notFound('Client')
  return {
    client_id: id,
    name: needsOrganization(id) ? 'Cutover for teams' : 'Cutover',
    organization_usage: needsOrganization(id) ? 'require' : 'allow',
    organization_require_behavior: needsOrganization(id) ? 'post_login_prompt' : 'no_prompt',
    callbacks: settings.callbackUrls,
    allowed_logout_urls: settings.logoutUrls,
    grant_types: ['authorization_code', 'refresh_token'],
    refresh_token: {
      rotation_type: settings.refreshTokenRotation ? 'rotating' : 'non-rotating',
      expiration_type: 'expiring',
      leeway: settings.rotationOverlapSeconds,
    },
  }
}

/** The settings of the app's API. Its id may be its identifier, which is the audience. */
export function readApi(
  { settings }: Tenant,
  id: string,
): Management.GetResourceServerResponseContent {
  if (id !== auth0Tenant.audience) throw notFound('Resource_Server')
  return {
    id: 'api_cutover0000000001',
    identifier: id,
    name: 'Cutover API',
    signing_alg: settings.apiSigningAlgorithm,
    token_dialect: 'access_token',
    allow_offline_access: true,
    token_lifetime: settings.accessTokenSeconds,
  }
}

export const readTenantSettings = ({
  settings,
}: Tenant): Management.GetTenantSettingsResponseContent => ({
  session_lifetime: settings.sessionHours,
  idle_session_lifetime: settings.sessionHours,
})
