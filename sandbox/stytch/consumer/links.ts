import { ApiError } from '../errors.ts'
import { newToken } from '../ids.ts'
import type { Project } from '../project.ts'
import { minutes, optionalText } from '../request-fields.ts'
import type { LinkRecord, UserRecord } from './store.ts'
import { primaryEmail } from './users.ts'

export const hourMinutes = 60
export const weekMinutes = 7 * 24 * hourMinutes

/** How long a link is valid, in minutes. */
export function linkMinutes(sent: unknown, fallback: number): number {
  return minutes(sent, { min: 5, max: weekMinutes, fallback, error: 'invalid_expiration' })
}

type LinkInput = {
  kind: LinkRecord['kind']
  redirectUrl?: unknown
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
    expiresAt: project.clock.now() + input.minutes * 60_000,
    used: false,
  }
  project.consumer.links.set(link.token, link)
  return link
}

/** The URL is checked when the link is made, so that the mistake shows in the request that made it. */
function redirectTarget(sent: unknown): string | undefined {
  const url = optionalText(sent, 'redirect URL')
  if (url === undefined || URL.canParse(url)) return url
  throw new ApiError('bad_request', `"${url}" is not an absolute URL.`)
}

export function mailLink(project: Project, record: UserRecord, kind: string, link: LinkRecord) {
  const { email } = primaryEmail(record)
  const url = new URL('/v1/magic_links/redirect', project.url)
  url.searchParams.set('public_token', project.publicToken)
  url.searchParams.set('stytch_token_type', link.kind)
  url.searchParams.set('token', link.token)
  project.inbox.deliver({ to: email, kind, link: url.href })
}

/** The URL that the link in a mail redirects to: the app's, with the token in its query. */
export function followLink(project: Project, token: string | undefined): string {
  const link = project.consumer.links.get(token ?? '')
  if (!link) throw new ApiError('magic_link_not_found')
  const target = new URL(link.redirectUrl)
  target.searchParams.set('stytch_token_type', link.kind)
  target.searchParams.set('token', link.token)
  return target.href
}
