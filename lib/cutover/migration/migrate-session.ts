import 'server-only'
import { after } from 'next/server'
import type { SessionsMigrateResponse } from 'stytch'
import { ProviderFailure } from '../../provider-failure'
import { callStytch, StytchRefusal } from '../../stytch/client'
import { revokeSession } from '../../stytch/revoke'
import { type SignedIn, signedInOf } from '../../stytch/sign-in'

/**
 * Calls Stytch's zero-downtime endpoint. Stytch sends the token to the userinfo endpoint of the legacy provider.
 * It then opens a session for the user with the e-mail address in the response.
 * https://stytch.com/docs/api-reference/consumer/api/sessions/migrate-session
 *
 * @param accessToken of the legacy provider, not expired
 * @param minutes duration of the session, 5 to 527040. Required: without it the response describes no session.
 * @param customClaims of the new session. The user can read them.
 * @returns null when Stytch knows no user with that address
 * @throws {ProviderFailure} also when Stytch could not use the response of the legacy provider
 * @throws {StytchRefusal}
 */
export async function migrateSession(
  accessToken: string,
  minutes: number,
  customClaims: Record<string, string>,
): Promise<SignedIn | null> {
  let call: Promise<SessionsMigrateResponse> | undefined
  let answer: unknown
  try {
    answer = await callStytch((client) => {
      call = client.sessions.migrate({
        session_token: accessToken,
        session_duration_minutes: minutes,
        session_custom_claims: customClaims,
      })
      return call
    })
  } catch (error) {
    if (error instanceof ProviderFailure && error.code === 'timeout') revokeWhenLate(call)
    if (!(error instanceof StytchRefusal)) throw error
    switch (error.errorType) {
      case 'migrate_from_external_email_does_not_exist':
        return null
      // Stytch does not document the status of these two errors, so only the type counts.
      case 'migrate_from_external_unexpected_response':
        throw new ProviderFailure(
          'legacy',
          'unexpected_response',
          'Stytch got no profile from the userinfo endpoint',
        )
      case 'migrate_from_external_missing_userinfo':
        throw new ProviderFailure(
          'stytch',
          'unavailable',
          'the project has no userinfo URL: enter it in the Stytch dashboard under Migrations',
        )
      default:
        throw error
    }
  }
  return signedInOf(answer)
}

/** Revokes a session that Stytch opens after our deadline, since no client will get it. */
function revokeWhenLate(call: Promise<SessionsMigrateResponse> | undefined): void {
  after(async () => {
    const late = await call?.catch(() => null)
    if (late) await revokeSession(late.session_token).catch(() => undefined)
  })
}
