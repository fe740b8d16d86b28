import type { AuthenticationFactor, MemberSession } from 'stytch'
import { readSessionOptions, type SessionRequest } from '../consumer/session-options.ts'
import { ApiError } from '../errors.ts'
import { newId, newToken, timestamp } from '../ids.ts'
import type { Project } from '../project.ts'
import { mergeDeleting, optionalText, type Sent } from '../request-fields.ts'
import { readSessionId } from '../session-jwt.ts'
import { signMemberSessionJwt } from './member-session-jwt.ts'
import { findOrganization } from './organizations.ts'
import type { MemberRecord, MemberSessionRecord } from './store.ts'

/** Without `session_duration_minutes`, the B2B API starts a session of one hour. */
const defaultMinutes = 60

export type MemberSessionCredentials = Sent<Pick<SessionRequest, 'session_token' | 'session_jwt'>>

export type MemberSessionOptions = { minutes: number | undefined; claims: Record<string, unknown> }

/** Call it before a token is marked as used: a malformed request must not use up the member's token. */
export function memberSessionOptions(
  sent: Sent<Pick<SessionRequest, 'session_duration_minutes' | 'session_custom_claims'>>,
): MemberSessionOptions {
  const { session_duration_minutes, session_custom_claims } = sent
  const { minutes, claims } = readSessionOptions({
    session_duration_minutes,
    session_custom_claims,
  })
  return { minutes, claims }
}

/** The part of a response that describes the member session. */
export type MemberSessionAnswer = {
  member_session: MemberSession
  session_token: string
  session_jwt: string
}

/**
 * Starts a full session, or adds the factors to an existing session of the same member. It checks nothing:
 * `completeLogin` decides whether the member may have a full session.
 */
export async function startMemberSession(
  project: Project,
  record: MemberRecord,
  factors: AuthenticationFactor[],
  options: MemberSessionOptions & { existing?: MemberSessionRecord | undefined },
): Promise<MemberSessionAnswer> {
  const { minutes = defaultMinutes, claims, existing } = options
  const now = project.clock.now()
  const sessionRecord = existing ?? newMemberSession(project, record, now)
  const { session } = sessionRecord
  if (session.member_id !== record.member.member_id) {
    throw new ApiError('member_session_member_id_mismatch')
  }
  const at = timestamp(now)
  for (const factor of factors) {
    session.authentication_factors.push({
      created_at: at,
      updated_at: at,
      last_authenticated_at: at,
      ...factor,
    })
  }
  const changes = { minutes: existing ? options.minutes : minutes, claims }
  return touchMemberSession(project, sessionRecord, changes, now)
}

function newMemberSession(
  project: Project,
  { member }: MemberRecord,
  now: number,
): MemberSessionRecord {
  const at = timestamp(now)
  const session: MemberSession = {
    member_session_id: newId('session'),
    member_id: member.member_id,
    organization_id: member.organization_id,
    organization_slug: '',
    started_at: at,
    last_accessed_at: at,
    expires_at: at,
    authentication_factors: [],
    roles: [],
    custom_claims: {},
  }
  const record = { session, token: newToken() }
  project.b2b.store.sessions.set(session.member_session_id, record)
  return record
}

/**
 * Marks the session as used and returns its tokens. Only a duration in the request extends it. The roles
 * and the slug are the current ones.
 * @param now the start of a new session, whose length is then exact, also over the boundary of a second
 */
export async function touchMemberSession(
  project: Project,
  { session, token }: MemberSessionRecord,
  options: MemberSessionOptions,
  now = project.clock.now(),
): Promise<MemberSessionAnswer> {
  const { member } = project.b2b.store.members.get(session.member_id) ?? {}
  session.roles = member?.roles.map(({ role_id }) => role_id) ?? []
  session.organization_slug =
    findOrganization(project, session.organization_id)?.organization_slug ?? ''
  session.last_accessed_at = timestamp(now)
  if (options.minutes !== undefined) {
    session.expires_at = timestamp(now + options.minutes * 60_000)
  }
  session.custom_claims = mergeDeleting(session.custom_claims ?? {}, options.claims)
  const session_jwt = await signMemberSessionJwt(project, session)
  // A copy: the next use of the session must not change a response.
  return { member_session: structuredClone(session), session_token: token, session_jwt }
}

/** The member session of a token or a JWT, unless it has expired. The JWT itself may have expired. */
export async function findMemberSession(
  project: Project,
  sent: MemberSessionCredentials,
): Promise<MemberSessionRecord | undefined> {
  const token = optionalText(sent.session_token, 'session_token')
  const jwt = optionalText(sent.session_jwt, 'session_jwt')
  if (token && jwt) throw new ApiError('too_many_session_arguments')
  if (!token && !jwt) throw new ApiError('no_session_arguments')
  if (jwt) return liveMemberSession(project, await readSessionId(project.b2b, jwt))
  const sessions = [...project.b2b.store.sessions.values()]
  const record = sessions.find((candidate) => candidate.token === token)
  return record && liveMemberSession(project, record.session.member_session_id)
}

export async function requireMemberSession(
  project: Project,
  sent: MemberSessionCredentials,
): Promise<MemberSessionRecord> {
  const record = await findMemberSession(project, sent)
  if (!record) throw new ApiError('session_not_found')
  return record
}

export function liveMemberSession(
  project: Project,
  memberSessionId: string,
): MemberSessionRecord | undefined {
  const record = project.b2b.store.sessions.get(memberSessionId)
  const expired = Date.parse(record?.session.expires_at ?? '') <= project.clock.now()
  return expired ? undefined : record
}

/** @param keep the one session that does not end */
export function revokeMemberSessions(
  project: Project,
  memberId: string,
  keep?: MemberSessionRecord,
): void {
  const { sessions } = project.b2b.store
  for (const [id, record] of sessions) {
    if (record.session.member_id === memberId && record !== keep) sessions.delete(id)
  }
}
