import type { AuthenticationFactor, Session, User } from 'stytch'
import { ApiError } from '../errors.ts'
import { newId, newToken, timestamp } from '../ids.ts'
import type { Project } from '../project.ts'
import { mergeDeleting, optionalText, type Sent } from '../request-fields.ts'
import { readSessionId } from '../session-jwt.ts'
import { signSessionJwt } from './session-jwt.ts'
import { readSessionOptions, type SessionOptions, type SessionRequest } from './session-options.ts'
import type { SessionRecord, UserRecord } from './store.ts'

type SessionCredentials = Sent<Pick<SessionRequest, 'session_token' | 'session_jwt'>>

/** Call it before a token is marked as used: a malformed request must not use up the user's token. */
export async function sessionOptions(
  project: Project,
  sent: Sent<SessionRequest>,
): Promise<SessionOptions> {
  const options = readSessionOptions(sent)
  if (!sent.session_token && !sent.session_jwt) return options
  return { ...options, existing: await requireSession(project, sent) }
}

/** The part of a response that describes the session. */
type SessionAnswer = {
  user_id: string
  user: User
  session_token: string
  session_jwt: string
  session?: Session
}

/**
 * Starts a session, or adds the factor to the session of the request. Without
 * `session_duration_minutes`, the consumer API starts no session, and the tokens are empty.
 */
export async function startSession(
  project: Project,
  { user }: UserRecord,
  factor: AuthenticationFactor,
  options: SessionOptions,
): Promise<SessionAnswer> {
  const { existing } = options
  if (existing && existing.session.user_id !== user.user_id) throw new ApiError('user_id_mismatch')
  const base = { user_id: user.user_id, user }
  if (!existing && options.minutes === undefined) {
    return { ...base, session_token: '', session_jwt: '' }
  }
  const now = project.clock.now()
  const at = timestamp(now)
  const record = existing ?? newSession(project, user, options, at)
  record.session.authentication_factors.push({
    ...factor,
    created_at: at,
    updated_at: at,
    last_authenticated_at: at,
  })
  return { ...base, ...(await touchSession(project, record, options, now)) }
}

function newSession(
  project: Project,
  user: User,
  { attributes }: SessionOptions,
  at: string,
): SessionRecord {
  const session: Session = {
    session_id: newId('session'),
    user_id: user.user_id,
    started_at: at,
    last_accessed_at: at,
    expires_at: at,
    attributes,
    authentication_factors: [],
    custom_claims: {},
    roles: user.roles,
  }
  const record = { session, token: newToken() }
  project.consumer.sessions.set(session.session_id, record)
  return record
}

/**
 * Marks the session as used and returns its tokens. Only a duration in the request extends it.
 * @param now the start of a new session, whose length is then exact, also over the boundary of a second
 */
export async function touchSession(
  project: Project,
  { session, token }: SessionRecord,
  options: Pick<SessionOptions, 'minutes' | 'claims'>,
  now = project.clock.now(),
) {
  session.last_accessed_at = timestamp(now)
  if (options.minutes !== undefined) {
    session.expires_at = timestamp(now + options.minutes * 60_000)
  }
  session.custom_claims = mergeDeleting(session.custom_claims ?? {}, options.claims)
  const session_jwt = await signSessionJwt(project, session)
  // A copy: the next use of the session must not change a response.
  return { session: structuredClone(session), session_token: token, session_jwt }
}

/** The session of a token or a JWT, unless it has expired. The JWT itself may have expired. */
export async function findSession(
  project: Project,
  sent: SessionCredentials,
): Promise<SessionRecord | undefined> {
  const token = optionalText(sent.session_token, 'session_token')
  const jwt = optionalText(sent.session_jwt, 'session_jwt')
  if (token && jwt) throw new ApiError('too_many_session_arguments')
  if (!token && !jwt) throw new ApiError('no_session_arguments')
  if (jwt) return liveSession(project, await readSessionId(project, jwt))
  const sessions = [...project.consumer.sessions.values()]
  const record = sessions.find((candidate) => candidate.token === token)
  return record && liveSession(project, record.session.session_id)
}

export async function requireSession(
  project: Project,
  sent: SessionCredentials,
): Promise<SessionRecord> {
  const record = await findSession(project, sent)
  if (!record) throw new ApiError('session_not_found')
  return record
}

export function liveSession(project: Project, sessionId: string): SessionRecord | undefined {
  const record = project.consumer.sessions.get(sessionId)
  const expired = Date.parse(record?.session.expires_at ?? '') <= project.clock.now()
  return expired ? undefined : record
}

/** @param keep the one session that does not end */
export function revokeSessions(project: Project, userId: string, keep?: SessionRecord): void {
  for (const [id, record] of project.consumer.sessions) {
    if (record.session.user_id === userId && record !== keep) project.consumer.sessions.delete(id)
  }
}
