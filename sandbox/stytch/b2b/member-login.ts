import type { AuthenticationFactor, B2BMagicLinksAuthenticateRequest } from 'stytch'
import { ApiError } from '../errors.ts'
import type { Project } from '../project.ts'
import type { Sent } from '../request-fields.ts'
import { completeLogin, type LoginAnswer } from './complete-login.ts'
import { endIntermediateSession, requireIntermediateSession } from './intermediate-sessions.ts'
import { provesEmail } from './login-requirements.ts'
import { deliverSmsCode } from './member-codes.ts'
import { refuseLocked } from './member-lock.ts'
import {
  type MemberSessionOptions,
  memberSessionOptions,
  requireMemberSession,
} from './member-sessions.ts'
import { memberChanged } from './members.ts'
import { requireOrganization } from './organizations.ts'
import type { IntermediateSessionRecord, MemberRecord, MemberSessionRecord } from './store.ts'

/** The fields of a call that authenticates a member. */
type LoginRequest = Pick<
  B2BMagicLinksAuthenticateRequest,
  | 'session_token'
  | 'session_jwt'
  | 'session_duration_minutes'
  | 'session_custom_claims'
  | 'intermediate_session_token'
>

export type LoginOptions = MemberSessionOptions & {
  /** The session that the new factor is added to. */
  existing?: MemberSessionRecord | undefined
  /** The factors of an earlier step. */
  intermediate?: IntermediateSessionRecord | undefined
  needsEmailProof?: boolean
}

/** Call it before a token is marked as used: a malformed request must not use up the member's token. */
export async function loginOptions(
  project: Project,
  sent: Sent<LoginRequest>,
  record: MemberRecord,
): Promise<LoginOptions> {
  refuseLocked(project, record)
  const { member } = record
  const options: LoginOptions = memberSessionOptions(sent)
  if (sent.session_token || sent.session_jwt) {
    options.existing = await requireMemberSession(project, sent)
    if (options.existing.session.member_id !== member.member_id) {
      throw new ApiError('member_session_member_id_mismatch')
    }
  }
  if (sent.intermediate_session_token) {
    options.intermediate = requireIntermediateSession(project, sent.intermediate_session_token)
    if (options.intermediate.email !== member.email_address) {
      throw new ApiError('invalid_intermediate_session_token_for_organization')
    }
  }
  return options
}

/**
 * Completes a login with the factors of this request and of the steps before it. A member who was only
 * invited, or who had only asked for a mail, becomes active.
 */
export async function logIn(
  project: Project,
  record: MemberRecord,
  factors: AuthenticationFactor[],
  options: LoginOptions,
): Promise<LoginAnswer> {
  const { intermediate } = options
  const collected = [...(intermediate?.factors ?? []), ...factors]
  const answer = await completeLogin(project, record, collected, options)
  // The real API consumes an intermediate session only when it leads to a full session.
  if (intermediate && answer.member_authenticated) {
    endIntermediateSession(project, intermediate.token)
  }
  if (!answer.primary_required) activate(project, record, collected)
  if (!answer.mfa_required || answer.primary_required || !wantsSms(record)) return answer
  deliverSmsCode(project, record)
  return {
    ...answer,
    mfa_required: { ...answer.mfa_required, secondary_auth_initiated: 'sms_otp' },
  }
}

/** Stytch sends a code at once to a member who is enrolled with a phone. */
const wantsSms = ({ member }: MemberRecord): boolean =>
  member.mfa_enrolled && member.mfa_phone_number !== '' && member.default_mfa_method !== 'totp'

function activate(project: Project, record: MemberRecord, factors: AuthenticationFactor[]): void {
  const { member } = record
  const isVerified = member.email_address_verified || provesEmail(factors)
  if (member.status === 'active' && member.email_address_verified === isVerified) return
  member.status = 'active'
  member.email_address_verified = isVerified
  memberChanged(project, requireOrganization(project, member.organization_id), record)
}
