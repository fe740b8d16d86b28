import type {
  AuthenticationFactor,
  B2BPasswordsEmailResetRequest,
  B2BPasswordsEmailResetResponse,
  B2BPasswordsEmailResetStartRequest,
  B2BPasswordsEmailResetStartResponse,
  B2BPasswordsExistingPasswordResetRequest,
  B2BPasswordsExistingPasswordResetResponse,
  B2BPasswordsSessionResetRequest,
  B2BPasswordsSessionResetResponse,
} from 'stytch'
import { acceptablePassword } from '../consumer/password-strength.ts'
import { checkPkce } from '../consumer/pkce.ts'
import { ApiError } from '../errors.ts'
import { hashPassword } from '../password-hashes/bcrypt.ts'
import type { Project } from '../project.ts'
import { type Answer, requiredText, type Sent } from '../request-fields.ts'
import { emailId } from './email-factors.ts'
import { mailMemberLink, requireResetLink } from './member-links.ts'
import { logIn, loginOptions } from './member-login.ts'
import { checkPassword, setPasswordHash } from './member-passwords.ts'
import { requireMemberSession, revokeMemberSessions } from './member-sessions.ts'
import { refuseMethod, requireByEmail, requireLinkMember } from './member-sign-in.ts'
import { requireMember } from './members.ts'
import { requireOrganization } from './organizations.ts'
import { passwordFactor } from './passwords.ts'

export const defaultResetMinutes = 30

/** A session may change the password only within this time after a sign-in. */
const recentLoginMs = 5 * 60_000

export function startPasswordReset(
  project: Project,
  sent: Sent<B2BPasswordsEmailResetStartRequest>,
): Answer<B2BPasswordsEmailResetStartResponse> {
  const { organization, record } = requireByEmail(project, sent)
  refuseMethod(organization, 'password')
  const { member } = record
  const email = member.email_address
  project.rateLimits.mail(email)
  mailMemberLink(project, {
    type: 'multi_tenant_passwords',
    redirectType: 'reset_password',
    kind: 'password_reset',
    email,
    memberId: member.member_id,
    slug: organization.organization_slug,
    redirectUrl: sent.reset_password_redirect_url,
    codeChallenge: sent.code_challenge,
    expirationMinutes: sent.reset_password_expiration_minutes,
    defaultMinutes: defaultResetMinutes,
  })
  return { member_id: member.member_id, member_email_id: emailId(email), member }
}

/** A weak password does not use up the token, so the member can choose another one. */
export async function resetPasswordByEmail(
  project: Project,
  sent: Sent<B2BPasswordsEmailResetRequest>,
): Promise<Answer<B2BPasswordsEmailResetResponse>> {
  const token = requiredText(sent.password_reset_token, 'password_reset_token')
  const link = requireResetLink(project, token, 'multi_tenant_passwords')
  const record = requireLinkMember(project, link)
  const options = await loginOptions(project, sent, record)
  checkPkce(link.codeChallenge, sent.code_verifier)
  const password = acceptablePassword(sent.password, link.email)
  link.used = true

  const hash = await hashPassword(password)
  revokeMemberSessions(project, record.member.member_id)
  setPasswordHash(record, hash)
  record.member.email_address_verified = true
  const answer = await logIn(project, record, [passwordFactor], { ...options, existing: undefined })
  return { ...answer, member_email_id: emailId(link.email) }
}

export async function resetExistingPassword(
  project: Project,
  sent: Sent<B2BPasswordsExistingPasswordResetRequest>,
): Promise<Answer<B2BPasswordsExistingPasswordResetResponse>> {
  const { organization, record } = requireByEmail(project, sent)
  refuseMethod(organization, 'password')
  const options = await loginOptions(project, sent, record)
  await checkPassword(project, record, sent.existing_password, 'existing_password')
  const { email_address, member_id } = record.member
  const hash = await hashPassword(
    acceptablePassword(sent.new_password, email_address, 'new_password'),
  )
  revokeMemberSessions(project, member_id)
  setPasswordHash(record, hash)
  return logIn(project, record, [passwordFactor], { ...options, existing: undefined })
}

export async function resetPasswordBySession(
  project: Project,
  sent: Sent<B2BPasswordsSessionResetRequest>,
): Promise<Answer<B2BPasswordsSessionResetResponse>> {
  const existing = await requireMemberSession(project, sent)
  const organization = requireOrganization(project, sent.organization_id)
  const record = requireMember(project, organization, existing.session.member_id)
  refuseMethod(organization, 'password')
  const options = await loginOptions(project, sent, record)
  const since = project.clock.now() - recentLoginMs
  const isRecent = existing.session.authentication_factors.some(
    (factor) =>
      canChangePassword(factor) && Date.parse(factor.last_authenticated_at ?? '') >= since,
  )
  if (!isRecent) throw new ApiError('session_too_old_to_reset_password')
  const hash = await hashPassword(acceptablePassword(sent.password, record.member.email_address))
  revokeMemberSessions(project, record.member.member_id, existing)
  setPasswordHash(record, hash)
  return logIn(project, record, [passwordFactor], options)
}

const canChangePassword = ({ type }: AuthenticationFactor): boolean =>
  ['password', 'magic_link', 'email_otp'].includes(type)
