import 'server-only'
import type { Identity } from '../../account/account'
import { consumerRevoker, type Revoker } from '../../stytch/end-session'
import { stytchIssuerName } from '../../stytch/issuer'
import { hasTeams } from '../../team/config'
import { isMemberIssuer } from '../../team/stytch/issuer'
import { memberRevoker } from '../../team/stytch/revoke'
import type { RevocationJob } from './jobs'

const isMember = (issuer: string): boolean => hasTeams() && isMemberIssuer(issuer)

/** Revokes the sessions of an issuer at the project that it names. A starter without teams has only the first. */
export const revokerOf = (issuer: string): Revoker =>
  isMember(issuer) ? memberRevoker : consumerRevoker

/** The job that revokes all sessions of an identity at Stytch. Null for an identity at the legacy provider. */
export function revocationJobOf({ issuer, subject }: Identity): RevocationJob | null {
  if (issuer === stytchIssuerName()) return { kind: 'user', userId: subject }
  return isMember(issuer) ? { kind: 'member', memberId: subject } : null
}
