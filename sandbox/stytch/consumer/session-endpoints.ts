import type {
  SessionsAuthenticateRequest,
  SessionsAuthenticateResponse,
  SessionsGetRequest,
  SessionsGetResponse,
  SessionsRevokeRequest,
  SessionsRevokeResponse,
} from 'stytch'
import { ApiError } from '../errors.ts'
import type { Project } from '../project.ts'
import { type Answer, requiredText, type Sent } from '../request-fields.ts'
import { readSessionOptions } from './session-options.ts'
import { findSession, liveSession, requireSession, touchSession } from './sessions.ts'
import { findUser, requireUser } from './users.ts'

export async function authenticateSession(
  project: Project,
  sent: Sent<SessionsAuthenticateRequest>,
): Promise<Answer<SessionsAuthenticateResponse>> {
  if (sent.authorization_check) {
    throw new ApiError('stand_in_not_implemented', 'The stand-in has no RBAC policy.')
  }
  const { session_duration_minutes, session_custom_claims } = sent
  const options = readSessionOptions({ session_duration_minutes, session_custom_claims })
  const record = await requireSession(project, sent)
  const owner = findUser(project, record.session.user_id)
  if (!owner) throw new ApiError('session_not_found')
  return { user: owner.user, ...(await touchSession(project, record, options)) }
}

export async function revokeSession(
  project: Project,
  sent: Sent<SessionsRevokeRequest>,
): Promise<Answer<SessionsRevokeResponse>> {
  const given = [sent.session_id, sent.session_token, sent.session_jwt].filter(Boolean)
  if (given.length === 0) throw new ApiError('no_session_revoke_arguments')
  if (given.length > 1) throw new ApiError('too_many_session_revoke_arguments')
  const record = sent.session_id
    ? liveSession(project, requiredText(sent.session_id, 'session_id'))
    : await findSession(project, sent)
  if (!record) throw new ApiError('session_not_found')
  project.consumer.sessions.delete(record.session.session_id)
  return {}
}

export function listSessions(
  project: Project,
  sent: Sent<SessionsGetRequest>,
): Answer<SessionsGetResponse> {
  const { user } = requireUser(project, sent.user_id)
  const sessions = [...project.consumer.sessions.values()].map(({ session }) => session)
  return {
    sessions: sessions.filter(
      ({ session_id, user_id }) => user_id === user.user_id && liveSession(project, session_id),
    ),
  }
}
