import 'server-only'
import type { Identity } from '../../account/account'
import { consumerRevoker, type Revoker } from '../../stytch/end-session'
import { stytchIssuerName } from '../../stytch/issuer'
import type { RevocationJob } from './jobs'
import { isMember, memberRevoker } from './members'

/** Revokes the sessions of an issuer at the project that it names. */
export const revokerOf = (issuer: string): Revoker =>
  isMember(issuer) ? memberRevoker : consumerRevoker

/** The job that revokes all sessions of an identity at Stytch. Null for an identity at the legacy provider. */
export function revocationJobOf({ issuer, subject }: Identity): RevocationJob | null {
  if (issuer === stytchIssuerName()) return { kind: 'user', userId: subject }
  return isMember(issuer) ? { kind: 'member', memberId: subject } : null
}
