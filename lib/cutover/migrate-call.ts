import 'server-only'
import { z } from 'zod'
import { ProviderFailure } from '../provider-failure'
import { callStytch, StytchRefusal } from '../stytch/client'
import type { SessionTokens } from '../stytch/cookies'
import { sessionTokensOf } from '../stytch/session'
import { type StytchUser, stytchUserOf } from '../stytch/users'

export type MigratedSession = { tokens: SessionTokens; sessionId: string; user: StytchUser }

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
): Promise<MigratedSession | null> {
  let answer: unknown
  try {
    answer = await callStytch((client) =>
      client.sessions.migrate({ session_token: accessToken, session_duration_minutes: minutes }),
    )
  } catch (error) {
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
  const { subject, sessionId, ...tokens } = sessionTokensOf(answer)
  const user = stytchUserOf(z.object({ user: z.unknown() }).safeParse(answer).data?.user)
  if (user.id !== subject)
    throw new ProviderFailure('stytch', 'unexpected_response', 'the session is of another user')
  return { tokens, sessionId, user }
}
