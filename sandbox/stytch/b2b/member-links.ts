import { ApiError } from '../errors.ts'
import { newToken } from '../ids.ts'
import type { Project } from '../project.ts'
import { minutes, optionalText } from '../request-fields.ts'
import type { MemberLink } from './login-store.ts'

export const hourMinutes = 60
export const weekMinutes = 7 * 24 * hourMinutes

type LinkInput = Pick<MemberLink, 'type' | 'redirectType' | 'email' | 'memberId' | 'slug'> & {
  /** The kind of the message in the inbox. */
  kind: string
  redirectUrl: unknown
  codeChallenge?: unknown
  expirationMinutes: unknown
  defaultMinutes: number
}

/** Mails a link that opens the app's page, as the fields of the request name it. */
export function mailMemberLink(project: Project, input: LinkInput): void {
  const { type, redirectType, email, memberId, slug, kind, redirectUrl } = input
  const lifetime = minutes(input.expirationMinutes, {
    min: 5,
    max: weekMinutes,
    fallback: input.defaultMinutes,
    error: 'invalid_expiration',
  })
  const link: MemberLink = {
    token: newToken(),
    type,
    redirectType,
    email,
    memberId,
    slug,
    redirectUrl: redirectTarget(redirectUrl) ?? project.defaultRedirectUrl,
    codeChallenge: optionalText(input.codeChallenge, 'pkce_code_challenge'),
    expiresAt: project.clock.now() + lifetime * 60_000,
    used: false,
  }
  project.b2b.logins.links.set(link.token, link)
  const url = new URL('/v1/magic_links/redirect', project.url)
  url.searchParams.set('public_token', project.b2b.publicToken)
  addTokenTo(url, link)
  project.inbox.deliver({ to: email, kind, link: url.href })
}

function redirectTarget(sent: unknown): string | undefined {
  const url = optionalText(sent, 'redirect URL')
  if (url === undefined || URL.canParse(url)) return url
  throw new ApiError('bad_request', `"${url}" is not an absolute URL.`)
}

function addTokenTo(url: URL, { slug, redirectType, type, token }: MemberLink): void {
  if (slug !== undefined) url.searchParams.set('slug', slug)
  url.searchParams.set('stytch_redirect_type', redirectType)
  url.searchParams.set('stytch_token_type', type)
  url.searchParams.set('token', token)
}

/** The URL that the link in a mail redirects to. Undefined: the token is not one of a B2B link. */
export function followMemberLink(project: Project, token: string | undefined): string | undefined {
  const link = project.b2b.logins.links.get(token ?? '')
  if (!link) return undefined
  const target = new URL(link.redirectUrl)
  addTokenTo(target, link)
  return target.href
}

/** A link of this type. A link that resets a password is no magic link. */
function findLink(
  project: Project,
  token: string,
  type: MemberLink['type'],
  isReset: boolean,
): MemberLink | undefined {
  const link = project.b2b.logins.links.get(token)
  const matches = link?.type === type && (link.redirectType === 'reset_password') === isReset
  return matches ? link : undefined
}

/** A used or expired link is another error than an unknown one. */
export function requireMagicLink(
  project: Project,
  token: string,
  type: MemberLink['type'],
): MemberLink {
  const link = findLink(project, token, type, false)
  if (!link) throw new ApiError('magic_link_not_found')
  if (isDead(project, link)) throw new ApiError('unable_to_auth_magic_link')
  return link
}

export function requireResetLink(
  project: Project,
  token: string,
  type: MemberLink['type'],
): MemberLink {
  const link = findLink(project, token, type, true)
  if (!link || isDead(project, link)) throw new ApiError('unable_to_auth_password_reset_token')
  return link
}

const isDead = (project: Project, link: MemberLink): boolean =>
  link.used || link.expiresAt <= project.clock.now()
