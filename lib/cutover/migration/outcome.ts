import { RefreshRefused } from '../../legacy/refresh-refused'
import { UserinfoRefused } from '../../legacy/userinfo'
import { ProviderFailure } from '../../provider-failure'
import type { Revocation } from '../../revocation/revocation-list'
import { StytchRefusal } from '../../stytch/client'
import type { SessionTokens } from '../../stytch/cookies'

/**
 * Reasons to refuse a migration. The user stays signed in on the legacy lane.
 * The codes are stable, because events, responses and tests contain them.
 */
export type RefusalReason =
  | 'email_not_verified'
  | 'session_unproved'
  | 'access_token_unusable'
  | 'access_token_refused'
  | 'refresh_token_missing'
  | 'refresh_token_refused'
  | 'subject_mismatch'
  | 'email_differs'
  | 'client_not_allowed'
  | 'stytch_user_unproven'
  | 'account_conflict'
  | Revocation
  | 'mfa_required'
  // Of a member's session only:
  | 'organization_missing'
  | 'organization_unknown'
  | 'organization_mismatch'
  | 'organization_conflict'
  | 'not_a_member'
  | 'member_not_provisioned'
  | 'member_deleted'
  | `stytch_${string}`

export type MigrationOutcome =
  /** `userId` is the id of a member where the session is of the B2B project. */
  | { result: 'migrated'; userId: string; tokens: SessionTokens }
  /** The Stytch session of this legacy session was revoked, or the user's sessions were ended. */
  | { result: 'ended'; reason: 'stytch_session_ended' | Revocation }
  | { result: 'refused'; reason: RefusalReason; retryAt: Date }
  | { result: 'failed'; reason: string; retryAt: Date }
  | { result: 'waiting'; reason: string; retryAt: Date }

/** A rule refuses to migrate this session. A failed call to a provider is a `ProviderFailure` instead. */
export class MigrationRefused extends Error {
  readonly code = 'migration_refused'
  readonly reason: RefusalReason
  constructor(reason: RefusalReason) {
    super(`The session is not migrated: ${reason}. The user stays signed in on the legacy lane.`)
    this.name = 'MigrationRefused'
    this.reason = reason
  }
}

/** The reason of a refusal. Null when the error is a failure, which a retry may not meet. */
export function refusalReason(error: unknown): RefusalReason | null {
  if (error instanceof MigrationRefused) return error.reason
  if (error instanceof RefreshRefused) return error.code
  if (error instanceof UserinfoRefused) return 'access_token_refused'
  if (error instanceof StytchRefusal) return `stytch_${error.errorType}`
  return null
}

/** The reason of a failure: the provider and the kind of failure. */
export function failureReason(error: unknown): string {
  if (error instanceof ProviderFailure) return `${error.provider}_${error.code}`
  return error instanceof StytchRefusal ? `stytch_${error.errorType}` : 'internal_error'
}
