import { type CookieNames, consumerCookies } from './cookies'
import { authenticateSession, type OpenedSession } from './opened-session'

/** One of our two projects at Stytch: the consumer project, or the B2B project of the teams. */
export type StytchProject = {
  cookies: CookieNames
  /** Whether each session is for one organization. A token without an organization is refused then. */
  hasOrganizations: boolean
  /** See {@link authenticateSession}. */
  authenticate(sessionToken: string, deadlineMilliseconds?: number): Promise<OpenedSession>
}

export const consumerProject: StytchProject = {
  cookies: consumerCookies,
  hasOrganizations: false,
  authenticate: authenticateSession,
}
