import 'server-only'
import { type Adoption, adoptSessionOf, type PostedTokens } from '../../stytch/adopt-session'
import { createRegistry, type Registry } from '../../token/registry'
import { callTeamStytch } from './client'
import { memberIssuerName, teamIssuer } from './issuer'
import { type MemberSignedIn, memberSignedInOf } from './member-sign-in'
import { teamProject } from './project'
import { memberRevoker } from './revoke'

let registry: Registry | undefined

/** The member and the session behind a session token. @throws {StytchRefusal | ProviderFailure} */
export const memberSignedInByToken = async (sessionToken: string): Promise<MemberSignedIn> =>
  memberSignedInOf(
    await callTeamStytch((client) => client.sessions.authenticate({ session_token: sessionToken })),
  )

const memberAdoption: Adoption<MemberSignedIn> = {
  project: teamProject,
  registry() {
    registry ??= createRegistry([teamIssuer()])
    return registry
  },
  open: memberSignedInByToken,
  issuerOf: ({ organization }) => memberIssuerName(organization.id),
  revoker: memberRevoker,
}

/**
 * Adopts a member's session that Stytch's pre-built UI has just opened in the browser.
 * @throws {SessionNotNew} after the session was ended
 * @throws {StytchRefusal | ProviderFailure}
 */
export const adoptMemberSession = (posted: PostedTokens, now: Date): Promise<MemberSignedIn> =>
  adoptSessionOf(memberAdoption, posted, now)
