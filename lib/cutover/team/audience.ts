import { legacyIssuer } from '../../legacy/issuer'
import { renewedCookies } from '../../legacy/renewal'
import type { LegacyReading } from '../../legacy/session'
import { teamAuth0 } from '../../legacy/team/auth0'
import { isTeamSessionCookie, readTeamLegacySession } from '../../legacy/team/session'
import { teamIssuer } from '../../team/stytch/issuer'
import { teamProject } from '../../team/stytch/project'
import type { Credentials } from '../../token/credentials'
import { createRegistry, type Registry } from '../../token/registry'
import type { Audience } from '../routing/audience'

let memo: Registry | undefined

/** The registry of the members' issuers. It does not have the consumer project, so a consumer's token is refused. */
function teamRegistry(): Registry {
  memo ??= createRegistry([teamIssuer(), legacyIssuer()])
  return memo
}

/** The legacy session of a member. It has the same shape as that of a consumer, and always an organization. */
async function readLegacy(
  credentials: Credentials,
  registry: Registry,
  now: Date,
): Promise<LegacyReading> {
  const reading = await readTeamLegacySession(credentials, registry, now)
  if (reading.state !== 'valid') return reading
  const { organization, ...session } = reading.session
  const { id, name } = organization
  return {
    state: 'valid',
    session: { ...session, organization: name ?? id, organizationId: id },
  }
}

/** The members of teams. */
export const members: Audience = {
  project: teamProject,
  registry: teamRegistry,
  readLegacy,
  isLegacyCookie: isTeamSessionCookie,
  renewedLegacyCookies: (url, headers) => renewedCookies(url, headers, teamAuth0),
  flagCookie: 'auth_flow_team',
  loginPath: (organization) => (organization ? `/team/${organization}/login` : '/team/login'),
}
