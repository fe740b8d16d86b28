import type {
  MagicLinksAuthenticateRequest,
  MagicLinksAuthenticateResponse,
  MagicLinksCreateRequest,
  MagicLinksCreateResponse,
  MagicLinksEmailInviteRequest,
  MagicLinksEmailInviteResponse,
  MagicLinksEmailLoginOrCreateRequest,
  MagicLinksEmailLoginOrCreateResponse,
  MagicLinksEmailRevokeInviteRequest,
  MagicLinksEmailRevokeInviteResponse,
  MagicLinksEmailSendRequest,
  MagicLinksEmailSendResponse,
} from 'stytch'
import { ApiError } from '../errors.ts'
import type { Project } from '../project.ts'
import { type Answer, emailAddress, requiredText, type Sent } from '../request-fields.ts'
import { verifyEmail } from './email-verification.ts'
import { embeddedLinkFactor, magicLinkFactor } from './factors.ts'
import { addLink, hourMinutes, linkMinutes, mailLink, weekMinutes } from './links.ts'
import { checkPkce } from './pkce.ts'
import { sessionOptions, startSession } from './sessions.ts'
import type { UserRecord } from './store.ts'
import {
  addUser,
  applyProfile,
  findByEmail,
  findOrAddUser,
  primaryEmail,
  requireByEmail,
  requireUser,
} from './users.ts'

function mailMagicLink(
  project: Project,
  record: UserRecord,
  sent: Sent<MagicLinksEmailLoginOrCreateRequest>,
  isNew: boolean,
): void {
  const isSignup = isNew || record.user.status === 'pending'
  const link = addLink(project, record, {
    kind: 'magic_links',
    redirectUrl: isSignup ? sent.signup_magic_link_url : sent.login_magic_link_url,
    codeChallenge: sent.code_challenge,
    minutes: isSignup
      ? linkMinutes(sent.signup_expiration_minutes, weekMinutes)
      : linkMinutes(sent.login_expiration_minutes, hourMinutes),
  })
  mailLink(project, record, isSignup ? 'signup_link' : 'login_link', link)
}

/** Mails a link to a user who exists. */
export function sendMagicLink(
  project: Project,
  sent: Sent<MagicLinksEmailSendRequest>,
): Answer<MagicLinksEmailSendResponse> {
  refuseAddingAddress(sent)
  const record = requireByEmail(project, sent.email)
  const { email, email_id } = primaryEmail(record)
  project.rateLimits.mail(email)
  mailMagicLink(project, record, sent, false)
  return { user_id: record.user.user_id, email_id }
}

/** The real API adds the address to the named user. A user of the stand-in has one address. */
export function refuseAddingAddress(sent: Sent<MagicLinksEmailSendRequest>): void {
  if (sent.user_id || sent.session_token || sent.session_jwt) {
    throw new ApiError('stand_in_not_implemented', 'A user of the stand-in has one email address.')
  }
}

export function loginOrCreateByLink(
  project: Project,
  sent: Sent<MagicLinksEmailLoginOrCreateRequest>,
): Answer<MagicLinksEmailLoginOrCreateResponse> {
  const { record, isNew } = findOrAddUser(project, sent)
  mailMagicLink(project, record, sent, isNew)
  const { email_id } = primaryEmail(record)
  return { user_id: record.user.user_id, email_id, user_created: isNew }
}

export function inviteByLink(
  project: Project,
  sent: Sent<MagicLinksEmailInviteRequest>,
): Answer<MagicLinksEmailInviteResponse> {
  const address = emailAddress(sent.email)
  project.rateLimits.mail(address)
  const known = findByEmail(project, address)
  if (known && known.user.status !== 'pending') throw new ApiError('duplicate_email')
  const record = known ?? addUser(project, address)
  record.user.status = 'pending'
  const { name, trusted_metadata, untrusted_metadata } = sent
  applyProfile(project, record, { name, trusted_metadata, untrusted_metadata })
  const link = addLink(project, record, {
    kind: 'magic_links',
    redirectUrl: sent.invite_magic_link_url,
    minutes: linkMinutes(sent.invite_expiration_minutes, hourMinutes),
  })
  mailLink(project, record, 'invite', link)
  return { user_id: record.user.user_id, email_id: primaryEmail(record).email_id }
}

/** Makes the links of a pending invitation unknown. The invited user stays pending. */
export function revokeInvite(
  project: Project,
  sent: Sent<MagicLinksEmailRevokeInviteRequest>,
): Answer<MagicLinksEmailRevokeInviteResponse> {
  const { user } = requireByEmail(project, sent.email)
  const { links } = project.consumer
  for (const { token, userId } of links.values()) {
    if (user.status === 'pending' && userId === user.user_id) links.delete(token)
  }
  return {}
}

/** Returns an embeddable token. It is not mailed, so it does not verify the address. */
export function createEmbeddableLink(
  project: Project,
  sent: Sent<MagicLinksCreateRequest>,
): Answer<MagicLinksCreateResponse> {
  const record = requireUser(project, sent.user_id)
  const { token } = addLink(project, record, {
    kind: 'embedded',
    minutes: linkMinutes(sent.expiration_minutes, hourMinutes),
  })
  return { user_id: record.user.user_id, token }
}

export async function authenticateMagicLink(
  project: Project,
  sent: Sent<MagicLinksAuthenticateRequest>,
): Promise<Answer<MagicLinksAuthenticateResponse>> {
  const token = requiredText(sent.token, 'token')
  const options = await sessionOptions(project, sent)
  const link = project.consumer.links.get(token)
  if (!link || link.kind === 'reset_password') throw new ApiError('magic_link_not_found')
  if (link.used || link.expiresAt <= project.clock.now()) {
    throw new ApiError('unable_to_auth_magic_link')
  }
  checkPkce(link.codeChallenge, sent.code_verifier)
  link.used = true

  const record = requireUser(project, link.userId)
  const isEmbedded = link.kind === 'embedded'
  const reset_sessions = isEmbedded ? false : verifyEmail(project, record)
  const factor = isEmbedded ? embeddedLinkFactor(token) : magicLinkFactor(record)
  const answer = await startSession(project, record, factor, options)
  const method_id = record.user.emails[0]?.email_id ?? ''
  return { ...answer, method_id, reset_sessions }
}
