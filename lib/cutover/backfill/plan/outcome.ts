import { isEmailAddress } from '../../../account/email-address'
import { externalIdOf } from '../../migration/external-id'
import type { Mapped } from '../source/mapping'
import type { LineProblem, SourceUser } from '../source/source-user'

/** The import writes users with these outcomes. */
export const importable = ['create_with_password', 'create'] as const

/** Users with these outcomes stay out, until the operator decides. docs/backfill.md says what to do about each. */
export const leftOut = [
  'line_unreadable',
  'subject_twice',
  'blocked',
  'external_id_impossible',
  'mapping_invalid',
  'organization_member',
  'mfa_enrolled',
  'social_only',
  'phone_only',
  'email_missing',
  'email_invalid',
  'email_unverified',
  'email_twice',
  'hash_unsupported',
  'user_without_hash',
  'hash_without_user',
] as const

export const outcomes = [...importable, 'already', ...leftOut] as const
export type Outcome = (typeof outcomes)[number]

export const isImportable = (outcome: Outcome): boolean =>
  importable.some((each) => each === outcome)

/** What the other lines and the database say about a user. */
export type Facts = {
  /** `no_file` if the operator has no file with hashes. */
  hash: 'usable' | 'unsupported' | 'missing' | 'no_file'
  /** Whether another line has the same subject. */
  isSubjectTwice: boolean
  /** Whether another user has proved the same address. */
  isEmailTwice: boolean
  /** Whether the account of this user has a Stytch identity. */
  isAtStytch: boolean
}

/** What happens to one user. The first reason that applies wins. `reason` names a field, and never a value. */
export function outcomeOf(
  user: SourceUser | LineProblem,
  mapped: Mapped | { invalid: string },
  facts: Facts,
): { outcome: Outcome; reason: string | null } {
  if ('problem' in user) return { outcome: 'line_unreadable', reason: user.reason }
  const outcome = exclusionOf(user, mapped, facts) ?? passwordOutcome(user, facts)
  const isInvalid = outcome === 'mapping_invalid' && 'invalid' in mapped
  return { outcome, reason: isInvalid ? mapped.invalid : null }
}

function exclusionOf(
  user: SourceUser,
  mapped: Mapped | { invalid: string },
  facts: Facts,
): Outcome | null {
  // The subject would name two users, so nothing may be written for either.
  if (facts.isSubjectTwice) return 'subject_twice'
  if (facts.isAtStytch) return 'already'
  if (user.isBlocked) return 'blocked'
  if (externalIdOf(user.subject) === null) return 'external_id_impossible'
  if ('invalid' in mapped) return 'mapping_invalid'
  if (mapped.isOrganizationMember) return 'organization_member'
  // At Stytch, the next sign-in would need only the password.
  if (user.hasMfa) return 'mfa_enrolled'
  if (user.isSocialOnly) return 'social_only'
  return emailExclusion(user, facts)
}

function emailExclusion({ email, emailVerified, phone }: SourceUser, facts: Facts): Outcome | null {
  if (email === null) return phone === null ? 'email_missing' : 'phone_only'
  if (!isEmailAddress(email)) return 'email_invalid'
  // An attacker may have signed up with a stranger's address. The import would give them the first user with it.
  if (!emailVerified) return 'email_unverified'
  return facts.isEmailTwice ? 'email_twice' : null
}

function passwordOutcome({ connection }: SourceUser, { hash }: Facts): Outcome {
  if (hash === 'usable') return 'create_with_password'
  if (hash === 'unsupported') return 'hash_unsupported'
  return hash === 'missing' && connection !== null ? 'user_without_hash' : 'create'
}
