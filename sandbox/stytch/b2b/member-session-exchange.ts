import type {
  AuthenticationFactor,
  B2BSessionsExchangeRequest,
  B2BSessionsExchangeResponse,
  Member,
} from 'stytch'
import { ApiError } from '../errors.ts'
import type { Project } from '../project.ts'
import type { Answer, Sent } from '../request-fields.ts'
import { completeLogin } from './complete-login.ts'
import { authMethodOf } from './login-requirements.ts'
import { refuseLocked } from './member-lock.ts'
import { memberSessionOptions, requireMemberSession } from './member-sessions.ts'
import { findMemberByEmail, memberChanged } from './members.ts'
import { requireOrganization } from './organizations.ts'

/**
 * Turns the session of a member into a session of another organization. The person must be a member there
 * with the same address, or be invited. The old session stays.
 */
export async function exchangeMemberSession(
  project: Project,
  sent: Sent<B2BSessionsExchangeRequest>,
): Promise<Answer<B2BSessionsExchangeResponse>> {
  const options = memberSessionOptions(sent)
  const { session } = await requireMemberSession(project, sent)
  const organization = requireOrganization(project, sent.organization_id)
  const source = project.b2b.store.members.get(session.member_id)?.member
  const target = source && findMemberByEmail(project, organization, source.email_address)
  if (!source || !target) throw new ApiError('member_not_found')
  refuseLocked(project, target)
  const factors = session.authentication_factors.filter((factor) =>
    isTransferred(factor, source, target.member),
  )
  // Unlike the responses of the logins, this one has no `organization_id`.
  const { organization_id: _, ...answer } = await completeLogin(project, target, factors, options)
  const { member } = target
  if (factors.some(provesAddress) && answer.member_authenticated && member.status !== 'active') {
    member.status = 'active'
    member.email_address_verified = true
    memberChanged(project, organization, target)
  }
  return answer
}

const provesAddress = (factor: AuthenticationFactor): boolean => {
  const method = authMethodOf(factor)
  return method === 'magic_link' || method === 'email_otp' || (method?.endsWith('_oauth') ?? false)
}

/** A password belongs to one organization, and an imported session proves nothing to another one. */
function isTransferred(factor: AuthenticationFactor, source: Member, target: Member): boolean {
  if (factor.type === 'otp' && factor.delivery_method === 'sms') {
    return (
      source.mfa_phone_number === target.mfa_phone_number &&
      source.mfa_phone_number_verified &&
      target.mfa_phone_number_verified
    )
  }
  return provesAddress(factor)
}
