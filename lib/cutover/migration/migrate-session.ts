import 'server-only'
import { after } from 'next/server'
import type { SessionsMigrateResponse } from 'stytch'
import { ProviderFailure } from '../../provider-failure'
import { callStytch, StytchRefusal } from '../../stytch/client'
import { revokeSession } from '../../stytch/revoke'
import { type SignedIn, signedInOf } from '../../stytch/sign-in'

/**
 * Stytch's zero-downtime call: it asks the legacy provider's userinfo endpoint with this token and opens
 * a session for the user with the e-mail address that it hears.
 * https://stytch.com/docs/api-reference/consumer/api/sessions/migrate-session
 *
 * @param accessToken of the legacy provider, live
 * @param minutes how long the session will last, 5 to 527040. Always given: without it the consumer API
 *   describes no session at all.
 * @returns null when Stytch knows no user with that address
 * @throws {ProviderFailure} also when Stytch got nothing usable from the legacy provider
 * @throws {StytchRefusal}
 */
export async function migrateSession(
  accessToken: string,
  minutes: number,
): Promise<SignedIn | null> {
  let call: Promise<SessionsMigrateResponse> | undefined
  let answer: unknown
  try {
    answer = await callStytch((client) => {
      call = client.sessions.migrate({
        session_token: accessToken,
        session_duration_minutes: minutes,
      })
      return call
    })
  } catch (error) {
    if (error instanceof ProviderFailure && error.code === 'timeout') revokeWhenLate(call)
    if (!(error instanceof StytchRefusal)) throw error
    switch (error.errorType) {
      case 'migrate_from_external_email_does_not_exist':
        return null
      // The statuses of these two are not documented, so only the type is looked at.
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
          'the project has no userinfo URL: enter it in the Stytch dashboard, Migrations',
        )
      default:
        throw error
    }
  }
  return signedInOf(answer)
}

/** An answer that comes after our deadline opened a session that nobody will ever hold. */
function revokeWhenLate(call: Promise<SessionsMigrateResponse> | undefined): void {
  after(async () => {
    const late = await call?.catch(() => null)
    if (late) await revokeSession(late.session_token).catch(() => undefined)
  })
}
