import type { SessionsMigrateRequest, SessionsMigrateResponse } from 'stytch'
import { ApiError } from '../errors.ts'
import type { Project } from '../project.ts'
import { type Answer, requiredText, type Sent } from '../request-fields.ts'
import { sessionOptions, startSession } from './sessions.ts'
import { findByEmail } from './users.ts'

/** Longer than the deadline of the app, so that a test can delay userinfo beyond that deadline. */
const userinfoTimeoutMs = 30_000

/**
 * Migrates a session from another provider. The userinfo endpoint of that provider answers the e-mail
 * address of its user. A Stytch user with this address must exist already.
 */
export async function migrateSession(
  project: Project,
  sent: Sent<SessionsMigrateRequest>,
): Promise<Answer<SessionsMigrateResponse>> {
  const token = requiredText(sent.session_token, 'session_token')
  // `session_token` is the token of the other provider here. It must not be taken for a Stytch session.
  const { session_duration_minutes, session_custom_claims } = sent
  const options = await sessionOptions(project, { session_duration_minutes, session_custom_claims })
  const email = await askUserinfo(project.userinfoUrl, token)
  const record = findByEmail(project, email.toLowerCase())
  if (!record) throw new ApiError('migrate_from_external_email_does_not_exist')
  const factor = { type: 'imported', delivery_method: 'imported_auth0' }
  return startSession(project, record, factor, options)
}

async function askUserinfo(url: string | null, token: string): Promise<string> {
  if (!url) throw new ApiError('migrate_from_external_missing_userinfo')
  try {
    const response = await fetch(url, {
      headers: { Authorization: `Bearer ${token}`, Accept: 'application/json' },
      signal: AbortSignal.timeout(userinfoTimeoutMs),
    })
    const body: unknown = response.ok ? await response.json() : null
    const email = (body as { email?: unknown } | null)?.email
    if (typeof email === 'string' && email.includes('@')) return email
  } catch {
    // Unreachable, too slow, or not JSON: the caller gets the same error for all three.
  }
  throw new ApiError('migrate_from_external_unexpected_response')
}
