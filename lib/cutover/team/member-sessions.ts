import 'server-only'
import { ProviderFailure } from '../../provider-failure'
import type { OpenedSession } from '../../stytch/opened-session'
import { memberIssuerName } from '../../team/stytch/issuer'
import { sessionsOfMember } from '../../team/stytch/member-sessions'
import { authenticateMemberSession } from '../../team/stytch/opened-session'
import { memberRevoker } from '../../team/stytch/revoke'
import type { ProjectSessions } from '../migration/project-sessions'

function organizationIdOf({ organization }: OpenedSession): string {
  if (organization) return organization.id
  throw new ProviderFailure('stytch', 'unexpected_response', 'a member without an organization')
}

/** The sessions of members at Stytch. */
export const memberSessions: ProjectSessions = {
  ...memberRevoker,
  authenticate: authenticateMemberSession,
  list: (opened) => sessionsOfMember(organizationIdOf(opened), opened.subject),
  issuerOf: (opened) => memberIssuerName(organizationIdOf(opened)),
}
