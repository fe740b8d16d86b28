import type {
  AuthenticationFactor,
  PasswordsEmailResetRequest,
  PasswordsEmailResetResponse,
  PasswordsEmailResetStartRequest,
  PasswordsEmailResetStartResponse,
  PasswordsExistingPasswordResetRequest,
  PasswordsExistingPasswordResetResponse,
  PasswordsSessionResetRequest,
  PasswordsSessionResetResponse,
} from 'stytch'
import { ApiError } from '../errors.ts'
import type { Project } from '../project.ts'
import { type Answer, requiredText, type Sent } from '../request-fields.ts'
import { verifyEmail } from './email-verification.ts'
import { passwordFactor } from './factors.ts'
import { addLink, linkMinutes, mailLink } from './links.ts'
import { acceptablePassword } from './password-strength.ts'
import { checkPassword, setPassword } from './passwords.ts'
import { checkPkce } from './pkce.ts'
import { requireSession, revokeSessions, sessionOptions, startSession } from './sessions.ts'
import { primaryEmail, requireByEmail, requireUser } from './users.ts'

const defaultResetMinutes = 30

/** A session may change the password only within this time after a sign-in. */
const recentLoginMs = 5 * 60_000

export function startPasswordReset(
  project: Project,
  sent: Sent<PasswordsEmailResetStartRequest>,
): Answer<PasswordsEmailResetStartResponse> {
  const record = requireByEmail(project, sent.email)
  const { email, email_id } = primaryEmail(record)
  project.rateLimits.mail(email)
  const link = addLink(project, record, {
    kind: 'reset_password',
    redirectUrl: sent.reset_password_redirect_url,
    codeChallenge: sent.code_challenge,
    minutes: linkMinutes(sent.reset_password_expiration_minutes, defaultResetMinutes),
  })
  mailLink(project, record, 'password_reset', link)
  return { user_id: record.user.user_id, email_id }
}

/** A weak password does not use up the token, so the user can choose another one. */
export async function resetPasswordByEmail(
  project: Project,
  sent: Sent<PasswordsEmailResetRequest>,
): Promise<Answer<PasswordsEmailResetResponse>> {
  const token = requiredText(sent.token, 'token')
  const options = await sessionOptions(project, sent)
  const link = project.consumer.links.get(token)
  const isDead = !link || link.used || link.expiresAt <= project.clock.now()
  if (isDead || link.kind !== 'reset_password') {
    throw new ApiError('unable_to_auth_password_reset_token')
  }
  checkPkce(link.codeChallenge, sent.code_verifier)
  const record = requireUser(project, link.userId)
  const password = acceptablePassword(sent.password, primaryEmail(record).email)
  link.used = true

  verifyEmail(project, record)
  revokeSessions(project, record.user.user_id)
  await setPassword(record, password)
  return startSession(project, record, passwordFactor, { ...options, existing: undefined })
}

export async function resetExistingPassword(
  project: Project,
  sent: Sent<PasswordsExistingPasswordResetRequest>,
): Promise<Answer<PasswordsExistingPasswordResetResponse>> {
  const options = await sessionOptions(project, sent)
  const record = requireByEmail(project, sent.email)
  await checkPassword(project, record, sent.existing_password, 'existing_password')
  const { email } = primaryEmail(record)
  const password = acceptablePassword(sent.new_password, email, 'new_password')
  revokeSessions(project, record.user.user_id)
  await setPassword(record, password)
  return startSession(project, record, passwordFactor, { ...options, existing: undefined })
}

export async function resetPasswordBySession(
  project: Project,
  sent: Sent<PasswordsSessionResetRequest>,
): Promise<Answer<PasswordsSessionResetResponse>> {
  const existing = await requireSession(project, sent)
  const options = await sessionOptions(project, sent)
  const since = project.clock.now() - recentLoginMs
  const isRecent = existing.session.authentication_factors.some((factor) => {
    const at = Date.parse(factor.last_authenticated_at ?? '')
    return canChangePassword(factor) && at >= since
  })
  if (!isRecent) throw new ApiError('session_too_old_to_reset_password')
  const record = requireUser(project, existing.session.user_id)
  const password = acceptablePassword(sent.password, primaryEmail(record).email)
  revokeSessions(project, record.user.user_id, existing)
  await setPassword(record, password)
  return startSession(project, record, passwordFactor, options)
}

const canChangePassword = ({ type, delivery_method }: AuthenticationFactor): boolean =>
  type === 'password' || (delivery_method === 'email' && ['magic_link', 'otp'].includes(type))
