import { legacyIssuer } from '../../legacy/issuer'
import { teamIssuer } from '../../team/stytch/issuer'
import { teamProject } from '../../team/stytch/project'
import { createRegistry, type Registry } from '../../token/registry'
import { type Audience, consumers } from '../routing/audience'

let memo: Registry | undefined

/** The registry of the members' issuers. It does not have the consumer project, so a consumer's token is refused. */
function teamRegistry(): Registry {
  memo ??= createRegistry([teamIssuer(), legacyIssuer()])
  return memo
}

/** The members of teams. */
export const members: Audience = {
  ...consumers,
  project: teamProject,
  registry: teamRegistry,
  flagCookie: 'auth_flow_team',
  loginPath: (organization) => (organization ? `/team/${organization}/login` : '/team/login'),
}
