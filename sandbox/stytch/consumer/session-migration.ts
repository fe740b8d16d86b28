import type { SessionsMigrateRequest, SessionsMigrateResponse } from 'stytch'
import { ApiError } from '../errors.ts'
import type { Project } from '../project.ts'
import { type Answer, requiredText, type Sent } from '../request-fields.ts'
import { askUserinfo } from '../userinfo.ts'
import { sessionOptions, startSession } from './sessions.ts'
import { findByEmail } from './users.ts'

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
