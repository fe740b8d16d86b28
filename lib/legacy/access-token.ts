import 'server-only'
import { AccessTokenError } from '@auth0/nextjs-auth0/errors'
import { ProviderFailure, withDeadline } from '../provider-failure'
import { auth0 } from './auth0'

/** The legacy provider will not give another access token: the session stays as it is until it ends. */
export class RefreshRefused extends Error {
  readonly code: 'refresh_token_missing' | 'refresh_token_refused'
  constructor(code: RefreshRefused['code']) {
    super(`The legacy access token has expired and could not be refreshed: ${code}.`)
    this.name = 'RefreshRefused'
    this.code = code
  }
}

/**
 * A live access token for the session in the cookies of this request; the SDK refreshes it when it has
 * expired, and writes the rotated refresh token back.
 *
 * Nothing else may call this, and only the holder of the claim does: two refreshes at once with a
 * rotating refresh token look like theft to Auth0, which then revokes the whole family.
 *
 * Only in a server action or route handler: elsewhere the new cookie, and with it the session, is lost.
 * @throws {RefreshRefused | ProviderFailure}
 */
export async function freshAccessToken(): Promise<string> {
  try {
    // Longer than the SDK's own time-outs for discovery and refresh together, so that a rotation that
    // succeeded is never abandoned.
    const { token } = await withDeadline('legacy', 7_000, auth0().getAccessToken())
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
