import 'server-only'
import { callStytch, StytchRefusal } from './client'

/** Ends a session; a session that is already gone is as good. @throws {ProviderFailure} */
export async function revokeSession(sessionToken: string): Promise<void> {
  try {
    await callStytch((client) => client.sessions.revoke({ session_token: sessionToken }))
  } catch (error) {
    if (!(error instanceof StytchRefusal)) throw error
  }
}
