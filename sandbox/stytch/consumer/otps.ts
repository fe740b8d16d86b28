import { randomInt } from 'node:crypto'
import type {
  OTPsAuthenticateRequest,
  OTPsAuthenticateResponse,
  OTPsEmailLoginOrCreateRequest,
  OTPsEmailLoginOrCreateResponse,
  OTPsEmailSendRequest,
  OTPsEmailSendResponse,
} from 'stytch'
import { ApiError } from '../errors.ts'
import type { Project } from '../project.ts'
import { type Answer, minutes, requiredText, type Sent } from '../request-fields.ts'
import { verifyEmail } from './email-verification.ts'
import { emailCodeFactor } from './factors.ts'
import { refuseAddingAddress } from './magic-links.ts'
import { sessionOptions, startSession } from './sessions.ts'
import type { UserRecord } from './store.ts'
import { findOrAddUser, primaryEmail, requireByEmail, requireUser } from './users.ts'

function codeMinutes(sent: unknown): number {
  return minutes(sent, { min: 1, max: 10, fallback: 2, error: 'invalid_expiration_otp' })
}

/** Mails a code. The last code for the same address stops working. */
function mailCode(project: Project, record: UserRecord, lifetimeMinutes: number): void {
  const { email, email_id } = primaryEmail(record)
  // Never 000000, the code of the sandbox values, so that a test can tell the two apart.
  const code = String(randomInt(1, 1_000_000)).padStart(6, '0')
  project.consumer.codes.set(email_id, {
    userId: record.user.user_id,
    code,
    expiresAt: project.clock.now() + lifetimeMinutes * 60_000,
    used: false,
  })
  project.inbox.deliver({ to: email, kind: 'email_code', code })
}

/** Mails a code to a user who exists. */
export function sendEmailCode(
  project: Project,
  sent: Sent<OTPsEmailSendRequest>,
): Answer<OTPsEmailSendResponse> {
  refuseAddingAddress(sent)
  const lifetime = codeMinutes(sent.expiration_minutes)
  const record = requireByEmail(project, sent.email)
  const { email, email_id } = primaryEmail(record)
  project.rateLimits.mail(email)
  mailCode(project, record, lifetime)
  return { user_id: record.user.user_id, email_id }
}

/** A user of the stand-in has no phone number. Only the number of the sandbox values gets an answer. */
export function refusePhone(): never {
  throw new ApiError(
    'stand_in_not_implemented',
    'A user of the stand-in has no phone number. Only +10000000000 works.',
  )
}

export function loginOrCreateByCode(
  project: Project,
  sent: Sent<OTPsEmailLoginOrCreateRequest>,
): Answer<OTPsEmailLoginOrCreateResponse> {
  const lifetime = codeMinutes(sent.expiration_minutes)
  const { record, isNew } = findOrAddUser(project, sent)
  mailCode(project, record, lifetime)
  const { email_id } = primaryEmail(record)
  return { user_id: record.user.user_id, email_id, user_created: isNew }
}

export async function authenticateCode(
  project: Project,
  sent: Sent<OTPsAuthenticateRequest>,
): Promise<Answer<OTPsAuthenticateResponse>> {
  const method_id = requiredText(sent.method_id, 'method_id')
  const code = requiredText(sent.code, 'code')
  const options = await sessionOptions(project, sent)
  const mailed = project.consumer.codes.get(method_id)
  if (!mailed || mailed.code !== code) throw new ApiError('otp_code_not_found')
  if (mailed.used || mailed.expiresAt <= project.clock.now()) {
    throw new ApiError('unable_to_auth_otp_code')
  }
  mailed.used = true

  const record = requireUser(project, mailed.userId)
  const reset_sessions = verifyEmail(project, record, options.existing)
  const answer = await startSession(project, record, emailCodeFactor(record), options)
  return { ...answer, method_id, reset_sessions }
}
