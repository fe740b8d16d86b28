import type {
  Attributes,
  AuthenticationFactor,
  Session,
  SessionsAuthenticateRequest,
  SessionsAuthenticateResponse,
  SessionsGetJWKSRequest,
  SessionsGetJWKSResponse,
  SessionsGetRequest,
  SessionsGetResponse,
  SessionsRevokeRequest,
  SessionsRevokeResponse,
  User,
} from 'stytch'
import { ApiError } from '../errors.ts'
import { newId, newToken, timestamp } from '../ids.ts'
import type { Project } from '../project.ts'
import {
  type Answer,
  mergeDeleting,
  minutes,
  optionalObject,
  optionalText,
  requiredText,
  type Sent,
} from '../request-fields.ts'
import { mintSessionJwt, readSessionJwt } from './session-jwt.ts'
import type { SessionRecord, UserRecord } from './store.ts'
import { findUser, requireUser } from './users.ts'

/** What every call that authenticates somebody takes. */
export type SessionRequest = {
  session_duration_minutes?: number
  session_custom_claims?: Record<string, unknown>
  session_token?: string
  session_jwt?: string
  attributes?: Attributes
}

export type SessionOptions = {
  minutes: number | undefined
  claims: Record<string, unknown>
  attributes: Required<Attributes>
  /** The session that the new factor is added to. */
  existing: SessionRecord | undefined
}

/** Parsed before any token is consumed, so that a malformed call costs the user nothing. */
export async function sessionOptions(
  project: Project,
  sent: Sent<SessionRequest>,
): Promise<SessionOptions> {
  const attributes = optionalObject(sent.attributes, 'attributes') ?? {}
  const options = {
    minutes: durationMinutes(sent.session_duration_minutes),
    claims: customClaims(sent.session_custom_claims),
    attributes: {
      ip_address: optionalText(attributes.ip_address, 'attributes.ip_address') ?? '',
      user_agent: optionalText(attributes.user_agent, 'attributes.user_agent') ?? '',
    },
  }
  const hasSession = Boolean(sent.session_token || sent.session_jwt)
  return { ...options, existing: hasSession ? await requireSession(project, sent) : undefined }
}

function durationMinutes(sent: unknown): number | undefined {
  const error = 'invalid_session_duration_minutes' as const
  return minutes(sent, { least: 5, most: 527_040, fallback: undefined, error })
}

function customClaims(sent: unknown): Record<string, unknown> {
  const claims = optionalObject(sent, 'session_custom_claims') ?? {}
  const reserved = ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti']
  for (const name of Object.keys(claims)) {
    if (reserved.includes(name)) throw new ApiError('reserved_claims_in_custom_claims')
    if (name.startsWith('https://stytch.com/')) {
      throw new ApiError('stytch_claims_in_custom_claims')
    }
  }
  if (JSON.stringify(claims).length > 4096) throw new ApiError('custom_claims_too_large')
  return claims
}

/** The part of an answer that tells about the session. */
export type SessionAnswer = {
  user_id: string
  user: User
  session_token: string
  session_jwt: string
  session?: Session
}

/**
 * Starts a session, or adds the factor to the one that was sent along. Without
 * `session_duration_minutes` the consumer API starts none: tokens are empty.
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
  const record = existing ?? newSession(project, user, options)
  const at = timestamp(project.control.clock.now())
  record.session.authentication_factors.push({
    ...factor,
    created_at: at,
    updated_at: at,
    last_authenticated_at: at,
  })
  touch(project, record, options)
  return { ...base, ...(await tokens(project, record)) }
}

function newSession(project: Project, user: User, { attributes }: SessionOptions): SessionRecord {
  const at = timestamp(project.control.clock.now())
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

/** Marks the session as used; extends it only when the call named a duration. */
function touch(
  project: Project,
  { session }: SessionRecord,
  options: Pick<SessionOptions, 'minutes' | 'claims'>,
): void {
  const now = project.control.clock.now()
  session.last_accessed_at = timestamp(now)
  if (options.minutes !== undefined) {
    session.expires_at = timestamp(now + options.minutes * 60_000)
  }
  session.custom_claims = mergeDeleting(session.custom_claims ?? {}, options.claims)
}

async function tokens(project: Project, record: SessionRecord) {
  const session_jwt = await mintSessionJwt(project, record)
  // A copy: what was answered must not change when the session is used again.
  return { session: structuredClone(record.session), session_token: record.token, session_jwt }
}

/** The live session that a token or a JWT (an expired one too) stands for. */
export async function findSession(
  project: Project,
  sent: Sent<Pick<SessionRequest, 'session_token' | 'session_jwt'>>,
): Promise<SessionRecord | undefined> {
  const token = optionalText(sent.session_token, 'session_token')
  const jwt = optionalText(sent.session_jwt, 'session_jwt')
  if (token && jwt) throw new ApiError('too_many_session_arguments')
  if (!token && !jwt) throw new ApiError('no_session_arguments')
  if (jwt) return live(project, await readSessionJwt(project, jwt))
  const sessions = [...project.consumer.sessions.values()]
  const record = sessions.find((candidate) => candidate.token === token)
  return record && live(project, record.session.session_id)
}

export async function requireSession(
  project: Project,
  sent: Sent<Pick<SessionRequest, 'session_token' | 'session_jwt'>>,
): Promise<SessionRecord> {
  const record = await findSession(project, sent)
  if (!record) throw new ApiError('session_not_found')
  return record
}

function live(project: Project, sessionId: string): SessionRecord | undefined {
  const record = project.consumer.sessions.get(sessionId)
  const expired = Date.parse(record?.session.expires_at ?? '') <= project.control.clock.now()
  return expired ? undefined : record
}

export async function authenticateSession(
  project: Project,
  sent: Sent<SessionsAuthenticateRequest>,
): Promise<Answer<SessionsAuthenticateResponse>> {
  if (sent.authorization_check) {
    throw new ApiError('stand_in_not_implemented', 'The stand-in knows no RBAC policy.')
  }
  const options = {
    minutes: durationMinutes(sent.session_duration_minutes),
    claims: customClaims(sent.session_custom_claims),
  }
  const record = await requireSession(project, sent)
  const owner = findUser(project, record.session.user_id)
  if (!owner) throw new ApiError('session_not_found')
  touch(project, record, options)
  return { user: owner.user, ...(await tokens(project, record)) }
}

export async function revokeSession(
  project: Project,
  sent: Sent<SessionsRevokeRequest>,
): Promise<Answer<SessionsRevokeResponse>> {
  const given = [sent.session_id, sent.session_token, sent.session_jwt].filter(Boolean)
  if (given.length === 0) throw new ApiError('no_session_revoke_arguments')
  if (given.length > 1) throw new ApiError('too_many_session_revoke_arguments')
  const record = sent.session_id
    ? live(project, requiredText(sent.session_id, 'session_id'))
    : await findSession(project, sent)
  if (!record) throw new ApiError('session_not_found')
  project.consumer.sessions.delete(record.session.session_id)
  return {}
}

/** Ends all of a user's sessions but, if given, the one to keep. */
export function revokeSessions(project: Project, userId: string, keep?: SessionRecord): void {
  for (const [id, record] of project.consumer.sessions) {
    if (record.session.user_id === userId && record !== keep) project.consumer.sessions.delete(id)
  }
}

export function listSessions(
  project: Project,
  sent: Sent<SessionsGetRequest>,
): Answer<SessionsGetResponse> {
  const { user } = requireUser(project, sent.user_id)
  const own = [...project.consumer.sessions.values()].filter(
    ({ session }) => session.user_id === user.user_id && live(project, session.session_id),
  )
  return { sessions: own.map(({ session }) => session) }
}

/** The one backend route without credentials: verifiers fetch it as anybody. */
export async function publishedKeys(
  project: Project,
  sent: Sent<SessionsGetJWKSRequest>,
): Promise<Answer<SessionsGetJWKSResponse>> {
  if (sent.project_id !== project.projectId) throw new ApiError('route_not_found')
  return { keys: await project.keys.published() }
}
