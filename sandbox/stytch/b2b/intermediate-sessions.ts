import type { AuthenticationFactor } from 'stytch'
import { ApiError } from '../errors.ts'
import { newToken } from '../ids.ts'
import type { Project } from '../project.ts'
import { requiredText } from '../request-fields.ts'
import type { IntermediateSessionRecord } from './store.ts'

const lifetimeMs = 10 * 60_000

/** @param organizationId null in the discovery flow */
export function startIntermediateSession(
  project: Project,
  input: { email: string; organizationId: string | null; factors: AuthenticationFactor[] },
): IntermediateSessionRecord {
  const expiresAt = project.clock.now() + lifetimeMs
  const record = { ...input, token: newToken(), expiresAt }
  project.b2b.store.intermediateSessions.set(record.token, record)
  return record
}

/** The intermediate session of a token, unless it has expired. It stays usable. */
export function requireIntermediateSession(
  project: Project,
  sent: unknown,
): IntermediateSessionRecord {
  const token = requiredText(sent, 'intermediate_session_token')
  const record = project.b2b.store.intermediateSessions.get(token)
  if (!record || record.expiresAt <= project.clock.now()) {
    throw new ApiError('intermediate_session_not_found')
  }
  return record
}

/** Call it when the login is complete: a token may not start two full sessions. */
export function endIntermediateSession(project: Project, token: string): void {
  project.b2b.store.intermediateSessions.delete(token)
}
