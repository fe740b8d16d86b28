import type {
  B2BMagicLinksAuthenticateRequest,
  B2BMagicLinksAuthenticateResponse,
  B2BMagicLinksEmailInviteRequest,
  B2BMagicLinksEmailInviteResponse,
  B2BMagicLinksEmailLoginOrSignupRequest,
  B2BMagicLinksEmailLoginOrSignupResponse,
} from 'stytch'
import { checkPkce } from '../consumer/pkce.ts'
import { ApiError } from '../errors.ts'
import type { Project } from '../project.ts'
import { type Answer, emailAddress, requiredText, type Sent } from '../request-fields.ts'
import { emailId, magicLinkFactor } from './email-factors.ts'
import { refuseInviting } from './jit-provisioning.ts'
import { hourMinutes, mailMemberLink, requireMagicLink, weekMinutes } from './member-links.ts'
import { logIn, loginOptions } from './member-login.ts'
import { applyMemberProfile } from './member-profile.ts'
import { findOrProvision, requireLinkMember } from './member-sign-in.ts'
import { addMember, findMemberByEmail, memberChanged } from './members.ts'
import { requireOrganization } from './organizations.ts'
import type { MemberRecord } from './store.ts'

const type = 'multi_tenant_magic_links'

export function loginOrSignupByLink(
  project: Project,
  sent: Sent<B2BMagicLinksEmailLoginOrSignupRequest>,
): Answer<B2BMagicLinksEmailLoginOrSignupResponse> {
  const { organization, record, isNew } = findOrProvision(project, sent, 'magic_link')
  const { member } = record
  const isLogin = member.status === 'active'
  mailMemberLink(project, {
    type,
    redirectType: isLogin ? 'login' : 'signup',
    kind: isLogin ? 'login_link' : 'signup_link',
    email: member.email_address,
    memberId: member.member_id,
    slug: organization.organization_slug,
    redirectUrl: isLogin ? sent.login_redirect_url : sent.signup_redirect_url,
    codeChallenge: sent.pkce_code_challenge,
    expirationMinutes: isLogin ? sent.login_expiration_minutes : sent.signup_expiration_minutes,
    defaultMinutes: hourMinutes,
  })
  return { member_id: member.member_id, member_created: isNew, member, organization }
}

/** Invites a new member, or one who has not logged in yet. */
export function inviteByLink(
  project: Project,
  sent: Sent<B2BMagicLinksEmailInviteRequest>,
): Answer<B2BMagicLinksEmailInviteResponse> {
  const organization = requireOrganization(project, sent.organization_id)
  const email = emailAddress(sent.email_address)
  refuseInviting(organization, email)
  const known = findMemberByEmail(project, organization, email)
  if (known?.member.status === 'active') throw new ApiError('duplicate_member_email')
  project.rateLimits.mail(email)
  const { name, trusted_metadata, untrusted_metadata, roles } = sent
  const invite = (record: MemberRecord) => {
    const profile = { name, trusted_metadata, untrusted_metadata, roles }
    applyMemberProfile(project, organization, record, profile)
    record.member.status = 'invited'
  }
  const record = known ?? addMember(project, organization, email, invite)
  if (known) {
    invite(known)
    memberChanged(project, organization, known)
  }
  const { member } = record
  mailMemberLink(project, {
    type,
    redirectType: 'invite',
    kind: 'invite',
    email,
    memberId: member.member_id,
    slug: organization.organization_slug,
    redirectUrl: sent.invite_redirect_url,
    expirationMinutes: sent.invite_expiration_minutes,
    defaultMinutes: weekMinutes,
  })
  return { member_id: member.member_id, member, organization }
}

export async function authenticateMagicLink(
  project: Project,
  sent: Sent<B2BMagicLinksAuthenticateRequest>,
): Promise<Answer<B2BMagicLinksAuthenticateResponse>> {
  const token = requiredText(sent.magic_links_token, 'magic_links_token')
  const link = requireMagicLink(project, token, type)
  const record = requireLinkMember(project, link)
  const options = await loginOptions(project, sent, record)
  checkPkce(link.codeChallenge, sent.pkce_code_verifier)
  link.used = true
  const answer = await logIn(project, record, [magicLinkFactor(link.email)], options)
  return { ...answer, method_id: emailId(link.email), reset_sessions: false }
}
