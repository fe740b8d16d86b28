import 'server-only'
import { after } from 'next/server'
import { ProviderFailure } from '../../provider-failure'
import { callStytch, StytchRefusal } from '../../stytch/client'
import { revokeSession } from '../../stytch/revoke'
import { type SignedIn, signedInOf } from '../../stytch/sign-in'

/**
 * Calls Stytch's zero-downtime endpoint. Stytch sends the token to the userinfo endpoint of the legacy provider.
 * It then opens a session for the user with the e-mail address in the response.
 * https://stytch.com/docs/api-reference/consumer/api/sessions/migrate-session
 *
 * @param legacyToken of the legacy provider, not expired
 * @param minutes duration of the session, 5 to 527040. Required: without it the response describes no session.
 * @param customClaims of the new session. The user can read them.
 * @returns null when Stytch knows no user with that address
 * @throws {ProviderFailure} also when Stytch could not use the response of the legacy provider
 * @throws {StytchRefusal}
 */
export async function migrateSession(
  legacyToken: string,
  minutes: number,
  customClaims: Record<string, string>,
): Promise<SignedIn | null> {
  const found = await migrateAtStytch(
    (started) =>
      callStytch((client) =>
        started(
          client.sessions.migrate({
            session_token: legacyToken,
            session_duration_minutes: minutes,
            session_custom_claims: customClaims,
          }),
        ),
      ),
    revokeSession,
  )
  return found && signedInOf(found.answer)
}

/**
 * Makes the call at either project, and interprets its errors.
 * @param ask makes the call. It gives the SDK's promise to `started`, so that a late session can be revoked.
 * @param revoke revokes a session of the project by its token
 * @returns null when Stytch knows no user or member with that address. An answer of `null` is not that.
 * @throws {StytchRefusal | ProviderFailure}
 */
export async function migrateAtStytch<Answer extends { session_token: string }>(
  ask: (started: (call: Promise<Answer>) => Promise<Answer>) => Promise<Answer>,
  revoke: (sessionToken: string) => Promise<void>,
): Promise<{ answer: Answer } | null> {
  let call: Promise<Answer> | undefined
  try {
    const answer = await ask((started) => {
      call = started
      return started
    })
    return { answer }
  } catch (error) {
    if (error instanceof ProviderFailure && error.code === 'timeout') revokeWhenLate(call, revoke)
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
}

/** Revokes a session that Stytch opens after our deadline, since no client will get it. */
function revokeWhenLate(
  call: Promise<{ session_token: string }> | undefined,
  revoke: (sessionToken: string) => Promise<void>,
): void {
  after(async () => {
    const late = await call?.catch(() => null)
    if (late) await revoke(late.session_token).catch(() => undefined)
  })
}
