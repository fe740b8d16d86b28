import type {
  B2BSessionsAuthenticateRequest,
  B2BSessionsAuthenticateResponse,
  B2BSessionsGetRequest,
  B2BSessionsGetResponse,
  B2BSessionsRevokeRequest,
  B2BSessionsRevokeResponse,
} from 'stytch'
import { ApiError } from '../errors.ts'
import type { Project } from '../project.ts'
import { type Answer, requiredText, type Sent } from '../request-fields.ts'
import {
  findMemberSession,
  liveMemberSession,
  memberSessionOptions,
  requireMemberSession,
  revokeMemberSessions,
  touchMemberSession,
} from './member-sessions.ts'
import { requireMemberOf } from './members.ts'
import { requireOrganization } from './organizations.ts'
import { checkAuthorization } from './rbac-policy.ts'

export async function authenticateMemberSession(
  project: Project,
  sent: Sent<B2BSessionsAuthenticateRequest>,
): Promise<Answer<B2BSessionsAuthenticateResponse>> {
  const options = memberSessionOptions(sent)
  const record = await requireMemberSession(project, sent)
  const { member } = project.b2b.store.members.get(record.session.member_id) ?? {}
  if (!member) throw new ApiError('session_not_found')
  // A refused check must not extend the session.
  const verdict = checkAuthorization(project, sent.authorization_check, {
    organizationId: member.organization_id,
    roles: member.roles.map(({ role_id }) => role_id),
  })
  return {
    ...(await touchMemberSession(project, record, options)),
    member,
    organization: requireOrganization(project, member.organization_id),
    ...(verdict ? { verdict } : {}),
  }
}

/** A session id, a token or a JWT ends one session. A member id ends all sessions of the member. */
export async function revokeMemberSession(
  project: Project,
  sent: Sent<B2BSessionsRevokeRequest>,
): Promise<Answer<B2BSessionsRevokeResponse>> {
  const { member_session_id, session_token, session_jwt, member_id } = sent
  const given = [member_session_id, session_token, session_jwt, member_id].filter(Boolean)
  if (given.length === 0) throw new ApiError('no_session_revoke_arguments')
  if (given.length > 1) throw new ApiError('too_many_session_revoke_arguments')
  if (member_id) {
    const memberId = requiredText(member_id, 'member_id')
    if (!project.b2b.store.members.has(memberId)) throw new ApiError('member_not_found')
    revokeMemberSessions(project, memberId)
    return {}
  }
  const record = member_session_id
    ? liveMemberSession(project, requiredText(member_session_id, 'member_session_id'))
    : await findMemberSession(project, sent)
  if (!record) throw new ApiError('session_not_found')
  project.b2b.store.sessions.delete(record.session.member_session_id)
  return {}
}

export function listMemberSessions(
  project: Project,
  sent: Sent<B2BSessionsGetRequest>,
): Answer<B2BSessionsGetResponse> {
  const { member } = requireMemberOf(project, sent).record
  const sessions = [...project.b2b.store.sessions.values()].map(({ session }) => session)
  return {
    member_sessions: sessions.filter(
      ({ member_id, member_session_id }) =>
        member_id === member.member_id && liveMemberSession(project, member_session_id),
    ),
  }
}

/** Refuses a call that the stand-in does not play. */
export function refuseAttestation(): never {
  throw new ApiError('stand_in_not_implemented', 'The stand-in has no trusted auth tokens.')
}
