import { renewedCookies } from '../../legacy/auth0/renewal'
import { teamAuth0 } from '../../legacy/auth0/team/auth0'
import { isTeamSessionCookie, readTeamLegacySession } from '../../legacy/auth0/team/session'
import { legacyLane } from '../../legacy/lane'
import type { LegacyReading } from '../../legacy/session'
import { linkBaseUrl } from '../../team/hosts'
import { teamIssuer } from '../../team/stytch/issuer'
import { teamProject } from '../../team/stytch/project'
import { createRegistry, type Registry } from '../../token/registry'
import { type Audience, consumers } from '../routing/audience'

let memo: Registry | undefined

/** The registry of the members' issuers. It does not have the consumer project, so a consumer's token is refused. */
function teamRegistry(): Registry {
  memo ??= createRegistry([teamIssuer(), legacyLane().issuer()])
  return memo
}

/** The cohort's rules name an organization by its name, and by its id where the tenant writes no names into tokens. */
async function readMemberSession(
  ...request: Parameters<typeof readTeamLegacySession>
): Promise<LegacyReading> {
  const reading = await readTeamLegacySession(...request)
  if (reading.state !== 'valid') return reading
  const { id, name } = reading.session.organization
  const organization = { organization: name ?? id, organizationId: id }
  return { state: 'valid', session: { ...reading.session, ...organization } }
}

/** The members of teams. */
export const members: Audience = {
  ...consumers,
  project: teamProject,
  registry: teamRegistry,
  readLegacy: readMemberSession,
  isLegacyCookie: isTeamSessionCookie,
  renewedLegacyCookies: (url, headers) => renewedCookies(url, headers, teamAuth0),
  flagCookie: 'auth_flow_team',
  loginPath: (organization) => (organization ? `/team/${organization}/login` : '/team/login'),
  baseUrl: linkBaseUrl,
}
