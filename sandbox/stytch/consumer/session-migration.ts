import type { SessionsMigrateRequest, SessionsMigrateResponse } from 'stytch'
import { ApiError } from '../errors.ts'
import type { Project } from '../project.ts'
import { type Answer, requiredText, type Sent } from '../request-fields.ts'
import { sessionOptions, startSession } from './sessions.ts'
import { findByEmail } from './users.ts'

/** Long enough for a test that delays userinfo to see its client give up first. */
const USERINFO_TIMEOUT_MS = 30_000

/**
 * Carries a session over from another provider: asks that provider's userinfo
 * endpoint whose it is, and matches by e-mail. The user must exist already.
 */
export async function migrateSession(
  project: Project,
  sent: Sent<SessionsMigrateRequest>,
): Promise<Answer<SessionsMigrateResponse>> {
  const token = requiredText(sent.session_token, 'session_token')
  // Here `session_token` is the other provider's, so no Stytch session is looked up.
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
      signal: AbortSignal.timeout(USERINFO_TIMEOUT_MS),
    })
    const body: unknown = response.ok ? await response.json() : null
    const email = (body as { email?: unknown } | null)?.email
    if (typeof email === 'string' && email.includes('@')) return email
  } catch {
    // Unreachable, too slow or not JSON: to the caller all the same.
  }
  throw new ApiError('migrate_from_external_unexpected_response')
}
