import { randomInt } from 'node:crypto'
import type {
  AuthenticationFactor,
  OTPsAuthenticateRequest,
  OTPsAuthenticateResponse,
  OTPsEmailLoginOrCreateRequest,
  OTPsEmailLoginOrCreateResponse,
  OTPsEmailSendRequest,
  OTPsEmailSendResponse,
} from 'stytch'
import { ApiError } from '../errors.ts'
import type { Project } from '../project.ts'
import { type Answer, emailAddress, minutes, requiredText, type Sent } from '../request-fields.ts'
import { proveEmail } from './email-verification.ts'
import { refuseAddingAddress } from './magic-links.ts'
import { sessionOptions, startSession } from './sessions.ts'
import type { UserRecord } from './store.ts'
import { addUser, findByEmail, primaryEmail, requireByEmail, requireUser } from './users.ts'

function codeMinutes(sent: unknown): number {
  return minutes(sent, { least: 1, most: 10, fallback: 2, error: 'invalid_expiration_otp' })
}

/** A new code for an address makes the one before it worthless. */
function sendCode(project: Project, record: UserRecord, lifetime: number): void {
  const { email, email_id } = primaryEmail(record)
  // Never 000000: that is the sandbox code, and a test must be able to tell them apart.
  const code = String(randomInt(1, 1_000_000)).padStart(6, '0')
  const expiresAt = project.control.clock.now() + lifetime * 60_000
  project.consumer.codes.set(email_id, {
    userId: record.user.user_id,
    code,
    expiresAt,
    used: false,
  })
  project.control.inbox.deliver({ to: email, kind: 'email_code', code })
}

/** To a user who exists. */
export function sendEmailCode(
  project: Project,
  sent: Sent<OTPsEmailSendRequest>,
): Answer<OTPsEmailSendResponse> {
  refuseAddingAddress(sent)
  const lifetime = codeMinutes(sent.expiration_minutes)
  const record = requireByEmail(project, sent.email)
  const { email, email_id } = primaryEmail(record)
  project.rateLimits.mail(email)
  sendCode(project, record, lifetime)
  return { user_id: record.user.user_id, email_id }
}

export function loginOrCreateByCode(
  project: Project,
  sent: Sent<OTPsEmailLoginOrCreateRequest>,
): Answer<OTPsEmailLoginOrCreateResponse> {
  const address = emailAddress(sent.email)
  const lifetime = codeMinutes(sent.expiration_minutes)
  project.rateLimits.mail(address)
  const known = findByEmail(project, address)
  const record = known ?? addUser(project, address)
  if (!known && sent.create_user_as_pending === true) record.user.status = 'pending'
  sendCode(project, record, lifetime)
  const { email_id } = primaryEmail(record)
  return { user_id: record.user.user_id, email_id, user_created: !known }
}

export async function authenticateCode(
  project: Project,
  sent: Sent<OTPsAuthenticateRequest>,
): Promise<Answer<OTPsAuthenticateResponse>> {
  const method_id = requiredText(sent.method_id, 'method_id')
  const code = requiredText(sent.code, 'code')
  const options = await sessionOptions(project, sent)
  const live = project.consumer.codes.get(method_id)
  if (!live || live.code !== code) throw new ApiError('otp_code_not_found')
  if (live.used || live.expiresAt <= project.control.clock.now()) {
    throw new ApiError('unable_to_auth_otp_code')
  }
  live.used = true

  const record = requireUser(project, live.userId)
  const reset_sessions = proveEmail(project, record)
  const answer = await startSession(project, record, codeFactor(record), options)
  return { ...answer, method_id, reset_sessions }
}

export function codeFactor(record: UserRecord): AuthenticationFactor {
  const { email_id, email } = primaryEmail(record)
  const email_factor = { email_id, email_address: email }
  return { type: 'otp', delivery_method: 'email', email_factor }
}
