import bcrypt from 'bcryptjs'
import type { Member } from 'stytch'
import { breachedPassword } from '../consumer/password-strength.ts'
import { ApiError } from '../errors.ts'
import { newId, timestamp } from '../ids.ts'
import type { Project } from '../project.ts'
import { requiredText } from '../request-fields.ts'
import type { MemberRecord } from './store.ts'

const bcryptCost = 10

/** The same rule as for the users of the consumer API: ten failures in a row lock for an hour. */
const lock = { failures: 10, milliseconds: 3_600_000 }

export const hashPassword = (password: string): Promise<string> => bcrypt.hash(password, bcryptCost)

export function setPasswordHash(record: MemberRecord, hash: string): void {
  record.passwordHash = hash
  record.member.member_password_id ||= newId('member-password')
  record.failures = 0
  unlock(record.member)
}

/** Refuses a wrong password. The tenth in a row locks the member. */
export async function checkPassword(
  project: Project,
  record: MemberRecord,
  sent: unknown,
  field = 'password',
): Promise<void> {
  const text = requiredText(sent, field)
  const now = project.clock.now()
  const { member } = record
  if (member.is_locked) {
    if (now < Date.parse(member.lock_expires_at ?? '')) {
      throw new ApiError('user_lock_limit_reached')
    }
    unlock(member)
    record.failures = 0
  }
  if (record.passwordHash === null) throw new ApiError('member_password_not_found')
  if (await bcrypt.compare(text, record.passwordHash)) {
    record.failures = 0
    return
  }
  record.failures += 1
  if (record.failures >= lock.failures) {
    member.is_locked = true
    member.lock_created_at = timestamp(now)
    member.lock_expires_at = timestamp(now + lock.milliseconds)
  }
  throw new ApiError('unauthorized_credentials')
}

/** Refuses a breached password at the login, although it is correct. */
export function refuseBreached(password: unknown): void {
  if (password === breachedPassword) throw new ApiError('member_reset_password')
}

function unlock(member: Member): void {
  member.is_locked = false
  delete member.lock_created_at
  delete member.lock_expires_at
}
