import 'server-only'
import { isEmailAddress } from '../../../account/email-address'
import { mayProveAddress } from '../../../legacy/auth0/enterprise-connection'
import type { LegacyRecord } from '../../../legacy/record'
import { externalIdOf } from '../../migration/external-id'

/** Members with these outcomes stay out. docs/backfill-organizations.md says what to do about each. */
export const membersLeftOut = [
  'user_gone',
  'blocked',
  'external_id_impossible',
  'mfa_enrolled',
  'email_missing',
  'email_invalid',
  'email_unverified',
  'enterprise_unlisted',
  'email_twice',
] as const

export type MemberOutcome = 'member' | (typeof membersLeftOut)[number]

/**
 * What happens to one member. The first reason that applies wins. Stytch asks a member for nothing but a mail to the
 * address, so only an address that belongs to this user alone may be imported.
 * @param record null if the legacy provider does not know the user any more
 * @param others all records with the same address
 */
export function memberOutcome(
  subject: string,
  record: LegacyRecord | null,
  others: readonly LegacyRecord[],
): MemberOutcome {
  if (!record) return 'user_gone'
  const { email, emailVerified, blocked, hasSecondFactor } = record
  if (blocked !== 'no') return 'blocked'
  if (externalIdOf(subject) === null) return 'external_id_impossible'
  if (hasSecondFactor) return 'mfa_enrolled'
  if (email === '') return 'email_missing'
  if (!isEmailAddress(email)) return 'email_invalid'
  if (!emailVerified) return 'email_unverified'
  if (!mayProveAddress(subject, email)) return 'enterprise_unlisted'
  const isTwice = others.some(
    (other) => other.id !== subject && other.emailVerified && mayProveAddress(other.id, email),
  )
  return isTwice ? 'email_twice' : 'member'
}
