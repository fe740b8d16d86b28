import type {
  AuthenticationFactor,
  Member,
  MemberSession,
  MfaRequired,
  Organization,
  PrimaryRequired,
} from 'stytch'
import { timestamp } from '../ids.ts'
import type { Project } from '../project.ts'
import { startIntermediateSession } from './intermediate-sessions.ts'
import { emailProofRequired, mfaRequired, primaryRequired } from './login-requirements.ts'
import { type MemberSessionOptions, startMemberSession } from './member-sessions.ts'
import { requireOrganization } from './organizations.ts'
import type { IntermediateSessionRecord, MemberRecord, MemberSessionRecord } from './store.ts'

/** The part that the responses of all B2B logins have. */
export type LoginAnswer = {
  member_id: string
  organization_id: string
  member: Member
  organization: Organization
  session_token: string
  session_jwt: string
  member_session?: MemberSession
  member_authenticated: boolean
  intermediate_session_token: string
  intermediate_session_token_expires_at?: string
  primary_required?: PrimaryRequired
  mfa_required?: MfaRequired
}

type CompletionOptions = MemberSessionOptions & {
  existing?: MemberSessionRecord | undefined
  /** Keeps its token when the login lacks another step. */
  intermediate?: IntermediateSessionRecord | undefined
  /** A member who joins through an intermediate session needs a factor that proves the address. */
  needsEmailProof?: boolean
}

/**
 * The end of every login: a full session, or an intermediate session if the organization asks for more.
 * @param factors all factors of the login, with those of an intermediate session
 */
export async function completeLogin(
  project: Project,
  record: MemberRecord,
  factors: AuthenticationFactor[],
  options: CompletionOptions,
): Promise<LoginAnswer> {
  const { member } = record
  const organization = requireOrganization(project, member.organization_id)
  const base = {
    member_id: member.member_id,
    organization_id: member.organization_id,
    member,
    organization,
  }
  const proved = [...(options.existing?.session.authentication_factors ?? []), ...factors]
  const primary =
    primaryRequired(organization, member, proved) ??
    (options.needsEmailProof ? emailProofRequired(organization, member, proved) : null)
  // Documented by Stytch: a member with a session needs no second factor.
  const mfa = options.existing ? null : mfaRequired(organization, member, proved)
  if (!primary && !mfa) {
    const session = await startMemberSession(project, record, factors, options)
    return { ...base, ...session, member_authenticated: true, intermediate_session_token: '' }
  }
  const intermediate =
    options.intermediate ??
    startIntermediateSession(project, {
      email: member.email_address,
      organizationId: member.organization_id,
      factors: [],
    })
  intermediate.factors = proved
  const { token, expiresAt } = intermediate
  return {
    ...base,
    session_token: '',
    session_jwt: '',
    member_authenticated: false,
    intermediate_session_token: token,
    intermediate_session_token_expires_at: timestamp(expiresAt),
    ...(primary ? { primary_required: primary } : {}),
    ...(mfa ? { mfa_required: mfa } : {}),
  }
}
