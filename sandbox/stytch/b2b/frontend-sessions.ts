import { ApiError } from '../errors.ts'
import {
  type BackendHandler,
  type Fields,
  type FrontendCall,
  withSession,
} from '../frontend-route.ts'
import type { Project } from '../project.ts'
import { findMemberSession, requireMemberSession } from './member-sessions.ts'

/**
 * Adds a factor to the session of the browser. A session of another member, or a dead one, does not count:
 * the login starts a new session.
 */
export const signIn = (handler: BackendHandler) => async (project: Project, call: FrontendCall) => {
  const { sent, sessionToken } = call
  const isLive = sessionToken && (await findMemberSession(project, { session_token: sessionToken }))
  if (!isLive) return handler(project, sent)
  try {
    return await handler(project, { ...sent, session_token: sessionToken })
  } catch (error) {
    const isForeign =
      error instanceof ApiError && error.type === 'member_session_member_id_mismatch'
    if (!isForeign) throw error
    return handler(project, sent)
  }
}

/** With an intermediate session in the body, the session of the browser does not count. */
export const withEitherSession =
  (handler: BackendHandler) => (project: Project, call: FrontendCall) =>
    call.sent.intermediate_session_token
      ? handler(project, call.sent)
      : withSession(handler)(project, call)

/** The organization is the one of the session, and the browser does not send it. */
export const inOwnOrganization =
  (handler: BackendHandler): BackendHandler =>
  async (project: Project, sent: Fields) => {
    const { session_token } = sent
    const { session } = await requireMemberSession(project, { session_token })
    return handler(project, { ...sent, organization_id: session.organization_id })
  }
