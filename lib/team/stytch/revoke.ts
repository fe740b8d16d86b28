import 'server-only'
import type { Revoker } from '../../stytch/end-session'
import { unlessGone } from '../../stytch/users'
import { callTeamStytch } from './client'

/** Revokes members' sessions. A session that has ended already is no error. */
export const memberRevoker: Revoker = {
  byId: (sessionId) =>
    unlessGone(
      callTeamStytch((client) => client.sessions.revoke({ member_session_id: sessionId })),
    ),
  byToken: (sessionToken) =>
    unlessGone(callTeamStytch((client) => client.sessions.revoke({ session_token: sessionToken }))),
}

/** Revokes all sessions of a member. @throws {StytchRefusal | ProviderFailure} */
export const revokeSessionsOfMember = (memberId: string): Promise<void> =>
  unlessGone(callTeamStytch((client) => client.sessions.revoke({ member_id: memberId })))
