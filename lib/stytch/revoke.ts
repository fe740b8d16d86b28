import 'server-only'
import { callStytch, StytchRefusal } from './client'

/** Revokes a session. A session that has ended already is no error. @throws {ProviderFailure} */
export async function revokeSession(sessionToken: string): Promise<void> {
  try {
    await callStytch((client) => client.sessions.revoke({ session_token: sessionToken }))
  } catch (error) {
    if (!(error instanceof StytchRefusal)) throw error
  }
}
