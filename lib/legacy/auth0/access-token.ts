import 'server-only'
import { AccessTokenError } from '@auth0/nextjs-auth0/errors'
import { ProviderFailure, withDeadline } from '../../provider-failure'
import { RefreshRefused } from '../refresh-refused'
import { auth0 } from './auth0'

/**
 * A live access token for the session in the cookies of this request. The SDK refreshes an expired one, and stores
 * the rotated refresh token in the cookie.
 *
 * Only the holder of the claim may call this. When two requests use the same rotating refresh token, Auth0 assumes a
 * theft and revokes the whole token family.
 *
 * Call it only in a server action or route handler. Elsewhere the new cookie would be lost, and the session with it.
 * @param sdk of the login that the session belongs to
 * @throws {RefreshRefused | ProviderFailure}
 */
export async function freshAccessToken(sdk = auth0): Promise<string> {
  try {
    // This deadline is longer than the SDK's timeouts for discovery and refresh together, so a successful rotation is
    // never lost.
    const { token } = await withDeadline('legacy', 7_000, sdk().getAccessToken())
    return token
  } catch (error) {
    if (!(error instanceof AccessTokenError)) throw error
    if (error.code === 'missing_refresh_token') throw new RefreshRefused('refresh_token_missing')
    if (error.cause?.code === 'invalid_grant') throw new RefreshRefused('refresh_token_refused')
    throw new ProviderFailure(
      'legacy',
      'unavailable',
      `the access token could not be refreshed: ${error.code}`,
    )
  }
}
