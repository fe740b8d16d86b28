import 'server-only'
import { cookies, headers } from 'next/headers'
import type { Account } from '../account/account'
import { requestTime } from '../request/clock'
import { currentHeaders } from '../request/current-headers'
import type { RequestKind } from '../request/kind'
import { revocationOf } from '../revocation/revocation-list'
import type { SignOut } from '../seam'
import { endDuplicateSessions, endSession, sessionToEnd } from '../stytch/end-session'
import type { SessionOrganization } from '../stytch/opened-session'
import { readStytchSession, refreshOnce, type StytchReading } from '../stytch/session'
import { readCredentials } from '../token/credentials'
import { type Refusal, refusals } from '../token/refusal'
import { createRegistry, type Registry } from '../token/registry'
import { memberAccount, memberIdentity } from './member-account'
import { type Organization, organizationBySlug, rememberOrganization } from './organization'
import { memberIssuerName, teamIssuer } from './stytch/issuer'
import type { MemberSignedIn } from './stytch/member-sign-in'
import { fetchStytchOrganization } from './stytch/organizations'
import { teamProject } from './stytch/project'
import { memberRevoker } from './stytch/revoke'

/** The member's session of the current request. Every member is at Stytch now. */
export type TeamReading = {
  session: {
    lane: 'stytch'
    issuer: string
    subject: string
    expiresAt: Date
    isFirstParty: boolean
    isFor(organization: Organization): boolean
    organizationSlug: string | null
    roles(organization: Organization, account: Account): Promise<readonly string[]>
  } | null
  account(): Promise<Account | null>
  reason: string
  flow: { name: 'stytch' | 'legacy'; reason: string }
  policyVersion: number
  refusal: { status: 401 | 503; body: object; headers: Record<string, string> }
}

let memo: Registry | undefined

type Code = Refusal | 'no_session' | 'stytch_unavailable'

const messages: Record<Code, string> = {
  ...refusals,
  no_session: 'Sign in first.',
  stytch_unavailable: 'The login provider does not answer. The session is still valid. Try again.',
}

/** The member's session of the current request, without a call to Stytch. */
async function currentReading() {
  memo ??= createRegistry([teamIssuer()])
  const [received, jar] = await Promise.all([headers(), cookies()])
  const now = requestTime(received)
  const credentials = readCredentials(currentHeaders(received, jar))
  const reading = await readStytchSession(credentials, memo, now, teamProject)
  return { now, reading, credentials, registry: memo }
}

export async function readTeamRequest(_: RequestKind, __: string | null): Promise<TeamReading> {
  let { reading } = await currentReading()
  if (reading.state === 'refreshable' && reading.expected) {
    reading = (await refreshOnce(reading, teamIssuer(), teamProject)).reading
  }
  const opened = reading.state === 'valid' ? reading.session : null
  const found = opened && withOrganization(opened)
  const revocation = found && (await revocationOf({ ...found, ...memberIdentity(found) }))
  const session = revocation ? null : found
  const code: Code =
    reading.state === 'unavailable'
      ? 'stytch_unavailable'
      : revocation || (reading.state === 'none' && reading.refusal) || 'no_session'
  // Nobody has judged the session, so it may be good. A 401 would make the client discard it.
  const isUndecided = code === 'stytch_unavailable' || code === 'keys_unavailable'
  return {
    session: session && {
      ...session,
      lane: 'stytch',
      issuer: memberIssuerName(session.organization.id),
      isFirstParty: true,
      isFor: ({ stytchId }) => stytchId === session.organization.id,
      organizationSlug: session.organization.slug,
      roles: async () => session.organization.roles,
    },
    account: async () => session && memberAccount(session, null),
    reason: session ? 'stytch_session' : code,
    flow: { name: 'stytch', reason: 'everybody' },
    policyVersion: 0,
    refusal: {
      status: isUndecided ? 503 : 401,
      body: { error: { code, message: messages[code] } },
      headers: isUndecided ? { 'retry-after': '5' } : { 'www-authenticate': 'Bearer' },
    },
  }
}

const withOrganization = <T extends { organization: SessionOrganization | null }>({
  organization,
  ...session
}: T) => organization && { ...session, organization }

/** The organization of a team's page, or null if Stytch does not know the slug. */
export async function findTeam(slug: string): Promise<Organization | null> {
  const known = await organizationBySlug(slug)
  if (known) return known
  const found = await fetchStytchOrganization(slug)
  // The call also finds ids, which are no addresses of pages.
  if (found?.slug !== slug) return null
  return rememberOrganization({
    slug,
    name: found.name,
    stytchId: found.id,
    legacyId: found.externalId,
  })
}

/** The issuer name of a member's session: it names the organization. */
function issuerOf(reading: StytchReading): string | null {
  const organizationId =
    reading.state === 'valid'
      ? reading.session.organization?.id
      : reading.state === 'refreshable' && reading.expected?.organizationId
  return organizationId ? memberIssuerName(organizationId) : null
}

export async function finishMemberSignIn(
  { member, ...opened }: MemberSignedIn,
  _method: string,
): Promise<Account | null> {
  const { now, reading } = await currentReading()
  const replaced = sessionToEnd(reading, issuerOf, now)
  if (replaced && replaced.sessionId !== opened.sessionId) {
    await endSession(replaced, 'replaced', now, null, memberRevoker)
  }
  return memberAccount(opened, member).catch(() => null)
}

/** Lists the session and revokes it. Without a queue, a session that Stytch did not revoke is refused by the list. */
export async function finishMemberSignOut(_: TeamReading): Promise<SignOut> {
  const { now, reading, credentials, registry } = await currentReading()
  const session = sessionToEnd(reading, issuerOf, now)
  const isComplete = session
    ? await endSession(session, 'signed_out', now, null, memberRevoker)
    : await endDuplicateSessions(credentials, { registry, issuer: issuerOf }, now, () => null, {
        project: teamProject,
        revoker: memberRevoker,
      })
  return { logoutUrl: null, isComplete }
}
