import type { Project } from '../project.ts'
import { revokeSessions } from './sessions.ts'
import type { SessionRecord, UserRecord } from './store.ts'
import { primaryEmail } from './users.ts'

/**
 * Marks the e-mail address as verified, after the user has proved to own it.
 *
 * Somebody else may have signed up with this address and a password before. Such a password must be
 * reset before it works again, and the user's sessions end.
 * @param existing the session that proves the address. If its user has typed the password, the password keeps working.
 * @returns true when that happened. The API calls it `reset_sessions`.
 */
export function verifyEmail(
  project: Project,
  record: UserRecord,
  existing?: SessionRecord,
): boolean {
  const email = primaryEmail(record)
  const { user } = record
  const isUntrusted = !email.verified && user.password !== undefined
  email.verified = true
  user.status = 'active'
  if (!isUntrusted || !user.password) return false
  const hasPassword = existing?.session.authentication_factors.some(
    ({ type }) => type === 'password',
  )
  if (!hasPassword) user.password.requires_reset = true
  revokeSessions(project, user.user_id, existing)
  return true
}
