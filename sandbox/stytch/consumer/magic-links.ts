import type {
  AuthenticationFactor,
  MagicLinksAuthenticateRequest,
  MagicLinksAuthenticateResponse,
  MagicLinksCreateRequest,
  MagicLinksCreateResponse,
  MagicLinksEmailInviteRequest,
  MagicLinksEmailInviteResponse,
  MagicLinksEmailLoginOrCreateRequest,
  MagicLinksEmailLoginOrCreateResponse,
  MagicLinksEmailSendRequest,
  MagicLinksEmailSendResponse,
} from 'stytch'
import { ApiError } from '../errors.ts'
import { newToken } from '../ids.ts'
import type { Project } from '../project.ts'
import {
  type Answer,
  emailAddress,
  minutes,
  optionalText,
  requiredText,
  type Sent,
} from '../request-fields.ts'
import { checkPkce, proveEmail } from './email-verification.ts'
import { sessionOptions, startSession } from './sessions.ts'
import type { LinkRecord, UserRecord } from './store.ts'
import {
  addUser,
  applyProfile,
  findByEmail,
  primaryEmail,
  requireByEmail,
  requireUser,
} from './users.ts'

const HOUR = 60
const WEEK = 7 * 24 * HOUR

/** Minutes that a link lives: an hour for a login, a week for a signup, unless told. */
export function linkMinutes(sent: unknown, fallback: number): number {
  return minutes(sent, { least: 5, most: WEEK, fallback, error: 'invalid_expiration' })
}

type LinkInput = {
  kind: LinkRecord['kind']
  redirectUrl: unknown
  codeChallenge?: unknown
  minutes: number
}

export function addLink(project: Project, record: UserRecord, input: LinkInput): LinkRecord {
  const link: LinkRecord = {
    kind: input.kind,
    token: newToken(),
    userId: record.user.user_id,
    redirectUrl: redirectTarget(input.redirectUrl) ?? project.defaultRedirectUrl,
    codeChallenge: optionalText(input.codeChallenge, 'code_challenge'),
    expiresAt: project.control.clock.now() + input.minutes * 60_000,
    used: false,
  }
  project.consumer.links.set(link.token, link)
  return link
}

/** A link is checked when it is made, so that a bad one fails where it was written. */
function redirectTarget(sent: unknown): string | undefined {
  const url = optionalText(sent, 'redirect URL')
  if (url === undefined || URL.canParse(url)) return url
  throw new ApiError('bad_request', `"${url}" is not an absolute URL.`)
}

/** Puts a mail with the link into the inbox. */
export function mailLink(project: Project, record: UserRecord, kind: string, link: LinkRecord) {
  const { email } = primaryEmail(record)
  const url = new URL('/v1/magic_links/redirect', project.url)
  url.searchParams.set('public_token', project.publicToken)
  url.searchParams.set('stytch_token_type', link.kind)
  url.searchParams.set('token', link.token)
  project.control.inbox.deliver({ to: email, kind, link: url.href })
}

/** Where the link in a mail leads to: the app's URL with the token in its query. */
export function followLink(project: Project, token: string | undefined): string {
  const link = project.consumer.links.get(token ?? '')
  if (!link) throw new ApiError('magic_link_not_found')
  const target = new URL(link.redirectUrl)
  target.searchParams.set('stytch_token_type', link.kind)
  target.searchParams.set('token', link.token)
  return target.href
}

function sendLink(
  project: Project,
  record: UserRecord,
  sent: Sent<MagicLinksEmailLoginOrCreateRequest>,
  isNew: boolean,
): void {
  const signup = isNew || record.user.status === 'pending'
  const link = addLink(project, record, {
    kind: 'magic_links',
    redirectUrl: signup ? sent.signup_magic_link_url : sent.login_magic_link_url,
    codeChallenge: sent.code_challenge,
    minutes: signup
      ? linkMinutes(sent.signup_expiration_minutes, WEEK)
      : linkMinutes(sent.login_expiration_minutes, HOUR),
  })
  mailLink(project, record, signup ? 'signup_link' : 'login_link', link)
}

/** To a user who exists. */
export function sendMagicLink(
  project: Project,
  sent: Sent<MagicLinksEmailSendRequest>,
): Answer<MagicLinksEmailSendResponse> {
  refuseAddingAddress(sent)
  const record = requireByEmail(project, sent.email)
  const { email, email_id } = primaryEmail(record)
  project.rateLimits.mail(email)
  sendLink(project, record, sent, false)
  return { user_id: record.user.user_id, email_id }
}

/** The real API adds the address to the user that is named; the stand-in keeps one each. */
export function refuseAddingAddress(sent: Sent<MagicLinksEmailSendRequest>): void {
  if (sent.user_id || sent.session_token || sent.session_jwt) {
    throw new ApiError('stand_in_not_implemented', 'The stand-in keeps one e-mail address a user.')
  }
}

export function loginOrCreateByLink(
  project: Project,
  sent: Sent<MagicLinksEmailLoginOrCreateRequest>,
): Answer<MagicLinksEmailLoginOrCreateResponse> {
  const address = emailAddress(sent.email)
  project.rateLimits.mail(address)
  const known = findByEmail(project, address)
  const record = known ?? addUser(project, address)
  if (!known && sent.create_user_as_pending === true) record.user.status = 'pending'
  sendLink(project, record, sent, !known)
  const { email_id } = primaryEmail(record)
  return { user_id: record.user.user_id, email_id, user_created: !known }
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
    minutes: linkMinutes(sent.invite_expiration_minutes, HOUR),
  })
  mailLink(project, record, 'invite', link)
  return { user_id: record.user.user_id, email_id: primaryEmail(record).email_id }
}

/** An embeddable token: no mail is sent, and it proves nothing about the address. */
export function createEmbeddableLink(
  project: Project,
  sent: Sent<MagicLinksCreateRequest>,
): Answer<MagicLinksCreateResponse> {
  const record = requireUser(project, sent.user_id)
  const lifetime = linkMinutes(sent.expiration_minutes, HOUR)
  const { token } = addLink(project, record, {
    kind: 'embedded',
    redirectUrl: undefined,
    minutes: lifetime,
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
  if (link.used || link.expiresAt <= project.control.clock.now()) {
    throw new ApiError('unable_to_auth_magic_link')
  }
  checkPkce(link.codeChallenge, sent.code_verifier)
  link.used = true

  const record = requireUser(project, link.userId)
  const embedded = link.kind === 'embedded'
  const reset_sessions = embedded ? false : proveEmail(project, record)
  const factor = embedded ? embeddedFactor(token) : linkFactor(record)
  const answer = await startSession(project, record, factor, options)
  const method_id = record.user.emails[0]?.email_id ?? ''
  return { ...answer, method_id, reset_sessions }
}

export function linkFactor(record: UserRecord): AuthenticationFactor {
  const { email_id, email } = primaryEmail(record)
  const email_factor = { email_id, email_address: email }
  return { type: 'magic_link', delivery_method: 'email', email_factor }
}

function embeddedFactor(token: string): AuthenticationFactor {
  const embeddable_magic_link_factor = { embedded_id: token.slice(0, 8) }
  return { type: 'magic_link', delivery_method: 'embedded', embeddable_magic_link_factor }
}
