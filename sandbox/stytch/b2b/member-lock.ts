import { ApiError } from '../errors.ts'
import { timestamp } from '../ids.ts'
import type { Project } from '../project.ts'
import type { MemberRecord } from './store.ts'

/** Documented by Stytch: ten failures in a row lock the member for an hour. */
const lock = { failures: 10, milliseconds: 3_600_000 }

/** Refuses a login of a locked member. A lock that has expired is removed. */
export function refuseLocked(project: Project, record: MemberRecord): void {
  const { is_locked, lock_expires_at = '' } = record.member
  if (is_locked && Date.parse(lock_expires_at) > project.clock.now()) {
    throw new ApiError('user_lock_limit_reached')
  }
  unlockMember(record)
}

/** Counts a wrong password. The tenth in a row locks the member. */
export function countFailure(project: Project, record: MemberRecord): void {
  record.failures += 1
  if (record.failures >= lock.failures) lockMember(project, record)
}

export function lockMember(project: Project, { member }: MemberRecord): void {
  const now = project.clock.now()
  member.is_locked = true
  member.lock_created_at = timestamp(now)
  member.lock_expires_at = timestamp(now + lock.milliseconds)
}

export function unlockMember(record: MemberRecord): void {
  const { member } = record
  if (member.is_locked) record.failures = 0
  member.is_locked = false
  delete member.lock_created_at
  delete member.lock_expires_at
}
