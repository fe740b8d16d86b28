import type { StytchProject } from '../../stytch/project'
import { authenticateMemberSession } from './opened-session'

/**
 * The B2B project. Its cookies have names of their own: Stytch's SDKs use the same names for both kinds of project, and
 * each would send the other's session to the wrong API.
 */
export const teamProject: StytchProject = {
  cookies: { token: 'stytch_b2b_session', jwt: 'stytch_b2b_session_jwt' },
  hasOrganizations: true,
  authenticate: authenticateMemberSession,
}
