import 'server-only'
import { consumerRevoker, type Revoker } from '../../stytch/end-session'
import { hasTeams } from '../../team/config'
import { isMemberIssuer } from '../../team/stytch/issuer'
import { memberRevoker } from '../../team/stytch/revoke'

/** Revokes the sessions of an issuer at the project that it names. A starter without teams has only the first. */
export const revokerOf = (issuer: string): Revoker =>
  hasTeams() && isMemberIssuer(issuer) ? memberRevoker : consumerRevoker
