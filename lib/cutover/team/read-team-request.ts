import 'server-only'
import { headers } from 'next/headers'
import type { Account } from '../../account/account'
import { errorText } from '../../error-text'
import type { LegacySession } from '../../legacy/session'
import { requestTime } from '../../request/clock'
import type { RequestKind } from '../../request/kind'
import { type Revocation, revocationOf } from '../../revocation/revocation-list'
import type { SessionOrganization } from '../../stytch/opened-session'
import type { StytchSession } from '../../stytch/session'
import { stytchSessionKey } from '../../stytch/session-key'
import { memberIdentity } from '../../team/member-account'
import { membershipOf } from '../../team/membership'
import { type Organization, organizationByLegacyId } from '../../team/organization'
import { type SessionKeys, sessionKeys } from '../migration/claim'
import { observeRequest } from '../observability/observe-request'
import type { Flow } from '../policy/document'
import type { Assessment } from '../routing/assess'
import { assessCurrentRequest } from '../routing/current-request'
import { decisionOf, legacyRevocation, withoutSession } from '../session/decision'
import { legacyAccount } from '../session/legacy-account'
import { members } from './audience'
import { openMemberAccount } from './open-member-account'

/** The member's session and the verdict of the current request. */
export type TeamReading = {
  session: {
    lane: 'stytch' | 'legacy'
    issuer: string
    subject: string
    expiresAt: Date
    /** False for an access token that the provider issued to another company's client of our API. */
    isFirstParty: boolean
    /** Whether the session is for this organization. Everything else of the organization must be refused to it. */
    isFor(organization: Organization): boolean
    /** The slug of the organization that the session is for, if it is known. */
    organizationSlug: string | null
    /** The ids of the member's roles in the organization of the session. */
    roles(organization: Organization, account: Account): Promise<readonly string[]>
  } | null
  /** @throws {UserDeleted | SessionUnproved | SecondFactorRequired} and other errors when the account cannot be looked up now */
  account(): Promise<Account | null>
  /** The reason of the verdict: a stable code. */
  reason: string
  flow: { name: Flow; reason: string }
  policyVersion: number
  /** The response of an API without a session. */
  refusal: { status: 401 | 503; body: object; headers: Record<string, string> }
}

/**
 * Reads and verifies the member's credentials of the current request, and records its session as seen.
 * @param slug of the organization that the address names; null on a page of no single team
 */
export async function readTeamRequest(
  kind: RequestKind,
  slug: string | null,
): Promise<TeamReading> {
  const [assessed, received] = await Promise.all([
    assessCurrentRequest(kind, { audience: members, organization: slug }),
    headers(),
  ])
  const now = requestTime(received)
  const served = await servedSession(assessed)
  const revocation = served && (await currentRevocation(served))
  if (!served || revocation) {
    observeRequest(received, assessed, null, now)
    return withoutSession(assessed, revocation)
  }
  const decided = decisionOf(assessed)
  if (served.lane === 'stytch') {
    const { session } = served
    const { issuer } = memberIdentity(session)
    const sessionKey = stytchSessionKey(session.sessionId)
    observeRequest(received, assessed, { lane: 'stytch', sessionKey }, now)
    return {
      ...decided,
      session: {
        ...session,
        issuer,
        lane: 'stytch',
        isFirstParty: true,
        isFor: ({ stytchId }) => stytchId === session.organization.id,
        organizationSlug: session.organization.slug,
        roles: async () => session.organization.roles,
      },
      account: () => openMemberAccount(session, null),
    }
  }
  const { session, keys, organizationId } = served
  observeRequest(received, assessed, { lane: 'legacy', sessionKey: keys.sessionKey }, now)
  return {
    ...decided,
    session: {
      ...session,
      lane: 'legacy',
      issuer: session.issuer.canonicalName,
      isFor: ({ legacyId }) => legacyId === organizationId,
      organizationSlug: (await knownOrganization(organizationId))?.slug ?? session.organization,
      roles: legacyRoles,
    },
    account: () => legacyAccount(session),
  }
}

/** A page must not wait for the Management API, so the legacy lane has the roles of the last sign-in or migration. */
const legacyRoles = async (organization: Organization, account: Account) =>
  (await membershipOf(organization.id, account.id))?.roles ?? []

const knownOrganization = (legacyId: string): Promise<Organization | null> =>
  organizationByLegacyId(legacyId).catch((error: unknown) => {
    console.error(`team: the organization could not be read: ${errorText(error)}`)
    return null
  })

type MemberSession = Omit<StytchSession, 'organization'> & { organization: SessionOrganization }

type Served =
  | { lane: 'stytch'; session: MemberSession }
  | { lane: 'legacy'; session: LegacySession; keys: SessionKeys; organizationId: string }

/** The session on which the verdict serves the request. */
async function servedSession({ verdict, stytch, legacy }: Assessment): Promise<Served | null> {
  if (verdict.lane === 'stytch' && stytch.state === 'valid') {
    const { organization, ...session } = stytch.session
    return organization && { lane: 'stytch', session: { ...session, organization } }
  }
  if (verdict.lane !== 'legacy' || legacy.state !== 'valid') return null
  const { session } = legacy
  const organizationId = session.organizationId
  if (!organizationId) return null
  return {
    lane: 'legacy',
    session,
    keys: await sessionKeys(session, organizationId),
    organizationId,
  }
}

/** Whether the session of this request was ended, or its member removed or blocked. */
const currentRevocation = (served: Served): Promise<Revocation | null> =>
  served.lane === 'stytch'
    ? revocationOf({ ...served.session, ...memberIdentity(served.session) })
    : legacyRevocation(served.session, served.keys)
