import type {
  B2BOTPEmailAuthenticateRequest,
  B2BOTPEmailAuthenticateResponse,
  B2BOTPEmailLoginOrSignupRequest,
  B2BOTPEmailLoginOrSignupResponse,
} from 'stytch'
import type { Project } from '../project.ts'
import { type Answer, requiredText, type Sent } from '../request-fields.ts'
import { emailCodeFactor, emailId } from './email-factors.ts'
import { codeMinutes, mailCode, spendCode } from './member-codes.ts'
import { logIn, loginOptions } from './member-login.ts'
import { findOrProvision, refuseMethod, requireByEmail } from './member-sign-in.ts'

export function loginOrSignupByCode(
  project: Project,
  sent: Sent<B2BOTPEmailLoginOrSignupRequest>,
): Answer<B2BOTPEmailLoginOrSignupResponse> {
  const login = codeMinutes(sent.login_expiration_minutes)
  const signup = codeMinutes(sent.signup_expiration_minutes)
  const { organization, record, isNew } = findOrProvision(project, sent, 'email_otp')
  const { member } = record
  mailCode(project, {
    email: member.email_address,
    organizationId: organization.organization_id,
    lifetimeMinutes: member.status === 'active' ? login : signup,
  })
  return { member_id: member.member_id, member_created: isNew, member, organization }
}

export async function authenticateCode(
  project: Project,
  sent: Sent<B2BOTPEmailAuthenticateRequest>,
): Promise<Answer<B2BOTPEmailAuthenticateResponse>> {
  const code = requiredText(sent.code, 'code')
  const { organization, record } = requireByEmail(project, sent)
  refuseMethod(organization, 'email_otp')
  const options = await loginOptions(project, sent, record)
  const email = record.member.email_address
  spendCode(project, { email, organizationId: organization.organization_id, code })
  const answer = await logIn(project, record, [emailCodeFactor(email)], options)
  return { ...answer, method_id: emailId(email) }
}
