import 'server-only'
import type { FormState } from '@/app/form-state'
import { signInProblem } from '@/app/login/sign-in-problem'

const wrongCode =
  'This code is wrong or has expired. Check the latest email, or request a new code.'
const expired = 'This sign-in has expired. Start again: the choice of a team waits ten minutes.'
const otherMethod =
  'This team does not accept an email code or link. Use the pre-built UI, or ask an admin of the team.'

/** Messages for errors of Stytch's B2B API. The others are those of every sign-in. */
const messages: Record<string, string> = {
  // The same as for a wrong code, so that nobody can find out who is a member.
  member_not_found: wrongCode,
  unable_to_auth_otp_code: wrongCode,
  intermediate_session_not_found: expired,
  invalid_intermediate_session_token_for_organization: expired,
  operation_restricted_by_organization_auth_methods: otherMethod,
  email_jit_provisioning_not_allowed:
    'Your address does not let you join this team. Ask an admin of the team to invite you.',
  invalid_email_for_jit_provisioning:
    'Your address does not let you join this team. Ask an admin of the team to invite you.',
  invalid_email_for_invites: 'This team does not allow inviting this address.',
  session_authorization_error: 'You may not invite people to this team any more.',
  duplicate_member_email: 'This person is already a member of the team.',
  organization_not_found: 'This team does not exist at Stytch any more.',
}

/** Like `signInProblem`, for the sign-in to a team. @throws every error that is no problem of the sign-in */
export const teamSignInProblem = (error: unknown, email?: string): FormState =>
  signInProblem(error, email, messages)
