import { createHash } from 'node:crypto'
import { ApiError } from '../errors.ts'
import type { Project } from '../project.ts'
import { revokeSessions } from './sessions.ts'
import type { UserRecord } from './store.ts'
import { primaryEmail } from './users.ts'

/**
 * Notes that the user has just proved to own the e-mail address.
 *
 * A password that was set before the address was verified may be that of
 * somebody who signed up with a stranger's address, so it stops working until
 * it is reset, and every session that it opened ends. Answers whether that
 * happened, which is what the API calls `reset_sessions`.
 */
export function proveEmail(project: Project, record: UserRecord): boolean {
  const email = primaryEmail(record)
  const { user } = record
  const untrusted = !email.verified && user.password !== undefined
  email.verified = true
  user.status = 'active'
  if (!untrusted || !user.password) return false
  user.password.requires_reset = true
  revokeSessions(project, user.user_id)
  return true
}

/** Refuses a verifier that does not fit. Called before a token is marked as used. */
export function checkPkce(challenge: string | undefined, verifier: unknown): void {
  if (challenge === undefined) {
    if (verifier) throw new ApiError('pkce_did_not_expect_code_verifier')
    return
  }
  if (typeof verifier !== 'string' || verifier === '') {
    throw new ApiError('pkce_expected_code_verifier')
  }
  const hash = createHash('sha256').update(verifier).digest('base64url')
  if (hash !== challenge) throw new ApiError('pkce_mismatch')
}
