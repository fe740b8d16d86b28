import 'server-only'
import { config } from '../../config'
import { withDeadline } from '../../provider-failure'
import { auth0Config } from '../config'
import { auth0 } from './auth0'

/** Revokes the refresh token of the session in this request's cookies. Never throws, so that signing out goes on. */
export async function revokeLegacySession(sdk = auth0): Promise<void> {
  try {
    await withDeadline('legacy', 3_000, sdk().revokeRefreshToken())
  } catch (error) {
    console.error(`legacy: the refresh token could not be revoked: ${(error as Error).message}`)
  }
}

/**
 * The URL at which the browser ends its session at Auth0. Auth0 redirects it to the home page.
 * https://auth0.com/docs/api/authentication/logout/auth-0-logout
 */
export const legacyLogoutUrl = (): string => logoutUrl(auth0Config().clientId, '/')

/** Like {@link legacyLogoutUrl}, for a team. Auth0 redirects the browser to the page of the teams, on the same host. */
export function teamLegacyLogoutUrl(baseUrl = config().appBaseUrl): string {
  const { team, clientId } = auth0Config()
  return logoutUrl(team?.clientId ?? clientId, '/team', baseUrl)
}

function logoutUrl(clientId: string, path: string, baseUrl = config().appBaseUrl): string {
  const { issuer } = auth0Config()
  const url = new URL('v2/logout', issuer)
  url.searchParams.set('client_id', clientId)
  url.searchParams.set('returnTo', `${baseUrl}${path}`)
  return url.href
}
