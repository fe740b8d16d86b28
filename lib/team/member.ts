import 'server-only'
import { notFound, redirect } from 'next/navigation'
import QuickLRU from 'quick-lru'
import { cache } from 'react'
import type { Account } from '../account/account'
import { isRefused } from '../account/refused'
import { errorText } from '../error-text'
import { perProcess } from '../per-process'
import { bearerChallenge } from '../token/challenge'
import { refusals } from '../token/refusal'
import { SessionUnchecked } from '../viewer'
import { hasTeams } from './config'
import { recordMembership } from './membership'
import type { Organization } from './organization'
import { findTeam, readTeamRequest, type TeamReading } from './seam'
import { isSlug } from './slug'

/** The member of the current request, verified for this request and this organization. */
export type Member = {
  organization: Organization
  lane: 'stytch' | 'legacy'
  issuer: string
  expiresAt: Date
  /** The ids of the roles in this organization. */
  roles: readonly string[]
  /** Null while the account cannot be looked up. The member is signed in. */
  account: Account | null
}

/** Why a request has no member. */
export type MemberRefusal = {
  status: 401 | 403 | 503
  /** A stable code. */
  reason: string
  /** The slug of the organization that the session is for, if it is another one. */
  signedInTo: string | null
  body: object
  headers: Record<string, string>
}

/**
 * The member of a request, or the reason why there is none. A session opens one organization only: the one that it was
 * made for, at either provider. Pages, actions and route handlers all call this.
 */
export async function memberOf(
  reading: TeamReading,
  organization: Organization,
): Promise<{ member: Member } | { refusal: MemberRefusal }> {
  const { session } = reading
  if (!session) {
    return { refusal: { ...reading.refusal, reason: reading.reason, signedInTo: null } }
  }
  if (!session.isFor(organization) || !session.isFirstParty) {
    return {
      refusal: {
        ...refusedBy(reading, 403, 'organization_mismatch'),
        signedInTo: session.organizationSlug,
      },
    }
  }
  let account: Account | null = null
  let roles: readonly string[] = []
  try {
    account = await reading.account()
    if (account) {
      roles = await session.roles(organization, account)
      await recordOnce(organization, account, session.lane, roles)
    }
  } catch (error) {
    if (isRefused(error)) {
      return { refusal: { ...refusedBy(reading, 401, error.code), signedInTo: null } }
    }
    console.error(`team: the account could not be read: ${errorText(error)}`)
  }
  const { lane, issuer, expiresAt } = session
  return { member: { organization, lane, issuer, expiresAt, roles, account } }
}

const messages = {
  organization_mismatch: 'The session is for another organization.',
  user_deleted: refusals.user_deleted,
  session_unproved: refusals.session_unproved,
  mfa_required: refusals.mfa_required,
} as const

function refusedBy(
  { flow, policyVersion }: TeamReading,
  status: 401 | 403,
  code: keyof typeof messages,
): Omit<MemberRefusal, 'signedInTo'> {
  return {
    status,
    reason: code,
    body: { error: { code, message: messages[code] }, flow, policyVersion },
    headers: status === 401 ? { 'www-authenticate': bearerChallenge(code) } : {},
  }
}

/** Memberships that this instance has recorded, so that not every request writes one. */
const { value: recorded } = perProcess(
  'recorded-memberships',
  () => new QuickLRU<string, true>({ maxSize: 10_000, maxAge: 10 * 60_000 }),
)

async function recordOnce(
  { id: organizationId }: Organization,
  { id: accountId }: Account,
  lane: 'stytch' | 'legacy',
  roles: readonly string[],
): Promise<void> {
  const key = [organizationId, accountId, lane, ...roles].join(' ')
  if (recorded.has(key)) return
  await recordMembership({ organizationId, accountId, lane, roles })
  recorded.set(key, true)
}

/**
 * The organization of a page. Answers 404 for a slug that no provider knows.
 * @throws {OrganizationConflict | DatabaseUnavailable | ProviderFailure} and driver errors
 */
export const requireTeam = cache(async (slug: string): Promise<Organization> => {
  if (!hasTeams() || !isSlug(slug)) notFound()
  return (await findTeam(slug)) ?? notFound()
})

const readPage = cache((slug: string | null) => readTeamRequest('page', slug))

/**
 * The member of a page or action of a team. Without one it redirects to the login of the team, which shows the reason.
 * @param address the page's own path and query, or the result of `postedFrom` for an action
 * @throws {SessionUnchecked}
 */
export async function requireMember(slug: string, address: string): Promise<Member> {
  const organization = await requireTeam(slug)
  const found = await memberOf(await readPage(slug), organization)
  if ('member' in found) return found.member
  const { status, reason } = found.refusal
  if (status === 503) throw new SessionUnchecked()
  const search = new URLSearchParams({ returnTo: address })
  if (reason !== 'no_session') search.set('reason', reason)
  redirect(`/team/${slug}/login?${search}`)
}
