import { z } from 'zod'
import { ProviderFailure } from '../../provider-failure'
import { type StytchMember, stytchMemberOf } from './members'
import { type OpenedMemberSession, openedMemberSessionOf } from './opened-session'
import { type StytchOrganization, stytchOrganizationOf } from './organizations'

/** A member who has just signed in, and the new session. */
export type MemberSignedIn = OpenedMemberSession & { member: StytchMember }

/** The organization asks for more than this sign-in gave, so there is no session yet. */
export type IncompleteSignIn = {
  /** `primary_required`: another way to sign in. `mfa_required`: a second factor as well. */
  outcome: 'primary_required' | 'mfa_required'
  organization: StytchOrganization
}

export type MemberSignIn = { outcome: 'signed_in'; signedIn: MemberSignedIn } | IncompleteSignIn

const loginAnswer = z.object({
  member_authenticated: z.boolean(),
  member: z.unknown(),
  organization: z.unknown(),
  primary_required: z.unknown().optional(),
})

/** @throws {ProviderFailure} when the answer is not what Stytch describes */
export function memberSignedInOf(answer: unknown): MemberSignedIn {
  const opened = openedMemberSessionOf(answer)
  const member = stytchMemberOf(loginAnswer.partial().safeParse(answer).data?.member)
  if (member.id !== opened.subject || member.organizationId !== opened.organization.id) {
    throw new ProviderFailure('stytch', 'unexpected_response', 'the session is of another member')
  }
  return { ...opened, member }
}

/**
 * What Stytch's answer to a sign-in leads to. Stytch answers with an intermediate session, and without an error, when
 * the organization asks for another or for a second factor.
 * @throws {ProviderFailure} when the answer is not what Stytch describes
 */
export function memberSignInOf(answer: unknown): MemberSignIn {
  const parsed = loginAnswer.safeParse(answer)
  if (!parsed.success) {
    throw new ProviderFailure('stytch', 'unexpected_response', 'an answer without a sign-in')
  }
  const { member_authenticated, organization, primary_required } = parsed.data
  if (member_authenticated) return { outcome: 'signed_in', signedIn: memberSignedInOf(answer) }
  return {
    outcome: primary_required ? 'primary_required' : 'mfa_required',
    organization: stytchOrganizationOf(organization),
  }
}
