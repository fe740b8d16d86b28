/**
 * Everything that the revocation uses of the teams. A starter without teams replaces this file: docs/one-audience.md.
 */
import 'server-only'
import { hasTeams } from '../../team/config'
import { isMemberIssuer } from '../../team/stytch/issuer'

export { hasTeams } from '../../team/config'
export { memberRevoker, revokeSessionsOfMember } from '../../team/stytch/revoke'
export { checkLegacyMembership } from './legacy-membership'

export const isMember = (issuer: string): boolean => hasTeams() && isMemberIssuer(issuer)
