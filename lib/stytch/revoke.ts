import 'server-only'
import { callStytch, StytchRefusal } from './client'
import { sessionsOf } from './users'

/** Revokes a session. A session that has ended already is no error. @throws {StytchRefusal | ProviderFailure} */
export const revokeSession = (sessionToken: string): Promise<void> =>
  revoke({ session_token: sessionToken })

/** The same by the id of the session, which opens nothing. So a job may store it. */
export const revokeSessionById = (sessionId: string): Promise<void> =>
  revoke({ session_id: sessionId })

async function revoke(session: { session_token: string } | { session_id: string }): Promise<void> {
  try {
    await callStytch((client) => client.sessions.revoke(session))
  } catch (error) {
    if (!isGone(error)) throw error
  }
}

/** Revokes all sessions of a user. @returns how many @throws {StytchRefusal | ProviderFailure} */
export async function revokeSessionsOf(userId: string): Promise<number> {
  try {
    const sessions = await sessionsOf(userId)
    for (const { id } of sessions) await revokeSessionById(id)
    return sessions.length
  } catch (error) {
    if (!isGone(error)) throw error
    return 0
  }
}

/** Whether Stytch says that there is no such session or user. 401 and 403 are about our keys: nothing was revoked. */
const isGone = (error: unknown): boolean =>
  error instanceof StytchRefusal && (error.status === 400 || error.status === 404)
