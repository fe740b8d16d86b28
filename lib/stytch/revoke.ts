import 'server-only'
import { callStytch, StytchRefusal } from './client'

/** Revokes a session. A session that has ended already is no error. @throws {ProviderFailure} */
export const revokeSession = (sessionToken: string): Promise<void> =>
  revoke({ session_token: sessionToken })

/** Like {@link revokeSession}, for a session whose token we do not have. @throws {ProviderFailure} */
export const revokeSessionById = (sessionId: string): Promise<void> =>
  revoke({ session_id: sessionId })

async function revoke(session: { session_token: string } | { session_id: string }): Promise<void> {
  try {
    await callStytch((client) => client.sessions.revoke(session))
  } catch (error) {
    if (!(error instanceof StytchRefusal)) throw error
  }
}
