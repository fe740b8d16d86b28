import type { SkipReason } from '../backfill/import/import-row'
import type { Outcome } from '../backfill/plan/outcome'

/**
 * What a forward write wrote. The codes are stable, because events and metrics contain them. docs/forward-writes.md says
 * what each means.
 */
export const writtenCodes = [
  /** A new user without a password at either provider. */
  'created',
  /** A new user, whose password at the legacy provider cannot be known. */
  'password_unknown',
  /** The user was at Stytch already, and both identities are linked now. */
  'linked',
  'name',
  'address',
  /** The password at Stytch was the old one, and is deleted. */
  'password_changed',
  'deleted',
] as const

/** Why a change does not arrive at Stytch, beside the codes of the plan and of the import. */
export const leftOutCodes = [
  /** The user is older than the plans, and in none of them. The operator has not exported this user. */
  'not_planned',
  /** Somebody has used the Stytch user, so only a code or link proves the new address. */
  'address_needs_proof',
  /** Somebody has used the Stytch user. What they have there counts, and the mirror writes it back. */
  'used_at_stytch',
  /** The import did not put the password there, or the user has set another one at Stytch since. */
  'password_kept',
  /** Somebody has deleted the user at Stytch. */
  'gone_at_stytch',
] as const

type Written = (typeof writtenCodes)[number]
export type LeftOut =
  | Outcome
  | SkipReason
  | (typeof leftOutCodes)[number]
  | `stytch_${string}`
  | `legacy_${string}`

export type Forwarded =
  | { result: 'written'; reason: Written }
  | { result: 'left_out'; reason: LeftOut }

export const written = (reason: Written): Forwarded => ({ result: 'written', reason })
export const leftOut = (reason: LeftOut): Forwarded => ({ result: 'left_out', reason })
