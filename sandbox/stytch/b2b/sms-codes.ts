import type {
  B2BOTPSmsAuthenticateRequest,
  B2BOTPSmsAuthenticateResponse,
  B2BOTPSmsSendRequest,
  B2BOTPSmsSendResponse,
  Member,
  Organization,
} from 'stytch'
import { phoneCodeFactor } from '../consumer/factors.ts'
import { ApiError } from '../errors.ts'
import { stableId } from '../ids.ts'
import type { Project } from '../project.ts'
import { type Answer, requiredText, type Sent } from '../request-fields.ts'
import { emailProofRequired, isMfaMethodAllowed, primaryRequired } from './login-requirements.ts'
import { deliverSmsCode, spendSmsCode } from './member-codes.ts'
import { logIn, loginOptions } from './member-login.ts'
import { applyMemberProfile } from './member-profile.ts'
import { memberChanged, requireMemberOf } from './members.ts'

/** Codes to a phone. They are a second factor, and never log in alone. */

/** Sends a code. A member without any second factor may name the number with the request. */
export async function sendSmsCode(
  project: Project,
  sent: Sent<B2BOTPSmsSendRequest>,
): Promise<Answer<B2BOTPSmsSendResponse>> {
  const { organization, record } = requireMemberOf(project, sent)
  const { member } = record
  // Refuses a session and an intermediate session of somebody else.
  await loginOptions(project, sent, record)
  const { mfa_phone_number } = sent
  if (mfa_phone_number && mfa_phone_number !== member.mfa_phone_number) {
    if (member.totp_registration_id) {
      const message = 'The stand-in gives a number only to a member without a second factor.'
      throw new ApiError('stand_in_not_implemented', message)
    }
    applyMemberProfile(project, organization, record, { mfa_phone_number })
    memberChanged(project, organization, record)
  }
  if (!member.mfa_phone_number) throw new ApiError('member_phone_number_not_found')
  deliverSmsCode(project, record)
  return { member_id: member.member_id, member, organization }
}

/** Adds the second factor to a session, or completes an intermediate session. */
export async function authenticateSmsCode(
  project: Project,
  sent: Sent<B2BOTPSmsAuthenticateRequest>,
): Promise<Answer<B2BOTPSmsAuthenticateResponse>> {
  const code = requiredText(sent.code, 'code')
  const { organization, record } = requireMemberOf(project, sent)
  const { member } = record
  const options = await loginOptions(project, sent, record)
  const { existing, intermediate } = options
  if (existing && intermediate) throw new ApiError('too_many_session_arguments')
  if (!existing && !intermediate) throw new ApiError('no_session_arguments')
  if (intermediate && lacksPrimary(organization, member, intermediate.factors)) {
    throw new ApiError('action_available_only_once_primary_authentication_is_met')
  }
  if (!isMfaMethodAllowed(organization, 'sms_otp')) {
    throw new ApiError('operation_restricted_by_organization_mfa_methods')
  }
  spendSmsCode(project, member.member_id, code)
  member.mfa_phone_number_verified = true
  member.mfa_enrolled = isEnrolled(organization, member, sent.set_mfa_enrollment)
  if (sent.set_default_mfa === true) member.default_mfa_method = 'sms_otp'
  memberChanged(project, organization, record)
  const phoneId = stableId('phone-number', member.mfa_phone_number)
  return logIn(project, record, [phoneCodeFactor(phoneId, member.mfa_phone_number)], options)
}

/** A person who is joining must prove the address first: the second factor proves only a phone. */
const lacksPrimary = (...login: Parameters<typeof primaryRequired>): boolean =>
  primaryRequired(...login) !== null || emailProofRequired(...login) !== null

/** An organization that requires a second factor enrolls the member. Else the request decides. */
function isEnrolled(organization: Organization, member: Member, sent: unknown): boolean {
  if (organization.mfa_policy === 'REQUIRED_FOR_ALL' || sent === 'enroll') return true
  return sent === 'unenroll' ? false : member.mfa_enrolled
}
