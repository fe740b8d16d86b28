import { breachedPassword } from '../consumer/password-strength.ts'
import { ApiError } from '../errors.ts'
import { newId } from '../ids.ts'
import type { PasswordHash } from '../password-hashes/password-hash.ts'
import type { Project } from '../project.ts'
import { requiredText } from '../request-fields.ts'
import { countFailure, refuseLocked, unlockMember } from './member-lock.ts'
import type { MemberRecord } from './store.ts'

export function setPasswordHash(record: MemberRecord, hash: PasswordHash): void {
  record.passwordHash = hash
  record.member.member_password_id ||= newId('member-password')
  record.failures = 0
  unlockMember(record)
}

/** Refuses a wrong password. The tenth in a row locks the member. */
export async function checkPassword(
  project: Project,
  record: MemberRecord,
  sent: unknown,
  field = 'password',
): Promise<void> {
  const text = requiredText(sent, field)
  refuseLocked(project, record)
  if (record.passwordHash === null) throw new ApiError('member_password_not_found')
  if (await record.passwordHash.matches(text)) {
    record.failures = 0
    return
  }
  countFailure(project, record)
  throw new ApiError('unauthorized_credentials')
}

/** Refuses a breached password at the login, although it is correct. */
export function refuseBreached(password: unknown): void {
  if (password === breachedPassword) throw new ApiError('member_reset_password')
}
