import type { Project } from '../project.ts'
import { revokeSessions } from './sessions.ts'
import type { UserRecord } from './store.ts'
import { primaryEmail } from './users.ts'

/**
 * Marks the e-mail address as verified, after the user has proved to own it.
 *
 * Somebody else may have signed up with this address and a password before. Such a password must be
 * reset before it works again, and the user's sessions end.
 * @returns true when that happened. The API calls it `reset_sessions`.
 */
export function verifyEmail(project: Project, record: UserRecord): boolean {
  const email = primaryEmail(record)
  const { user } = record
  const isUntrusted = !email.verified && user.password !== undefined
  email.verified = true
  user.status = 'active'
  if (!isUntrusted || !user.password) return false
  user.password.requires_reset = true
  revokeSessions(project, user.user_id)
  return true
}
