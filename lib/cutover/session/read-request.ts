import 'server-only'
import { headers } from 'next/headers'
import type { Account, KnownIdentity } from '../../account/account'
import type { LegacySession } from '../../legacy/session'
import { requestTime } from '../../request/clock'
import type { RequestKind } from '../../request/kind'
import type { Revocation } from '../../revocation/revocation-list'
import type { StytchSession } from '../../stytch/session'
import { stytchSessionKey } from '../../stytch/session-key'
import { cohortOf } from '../cohort/flag'
import { type SessionKeys, sessionKeys } from '../migration/claim'
import { announceToMirror } from '../mirror/enqueue'
import { observeRequest } from '../observability/observe-request'
import type { Flow } from '../policy/document'
import type { Assessment } from '../routing/assess'
import { assessPageOnce, currentFlag } from '../routing/current-request'
import { decisionOf, legacyRevocation, withoutSession } from './decision'
import { legacyAccount } from './legacy-account'
import { openStytchAccount } from './stytch-account'
import { stytchFacts } from './stytch-facts'

/** The session and the verdict of the current request. */
export type RequestReading = {
  session: {
    lane: 'stytch' | 'legacy'
    issuer: string
    subject: string
    expiresAt: Date
    /** False for an access token that the provider issued to another company's client of our API. */
    isFirstParty: boolean
  } | null
  /**
   * Returns the account of the session, or null without a session.
   * @throws {UserDeleted} and other errors when the account cannot be looked up now
   */
  account(): Promise<Account | null>
  /** The reason of the verdict: a stable code. */
  reason: string
  flow: { name: Flow; reason: string }
  policyVersion: number
  /** The response of an API without a session. */
  refusal: { status: 401 | 503; body: object; headers: Record<string, string> }
}

/** Reads and verifies the credentials of the current request, and records its session as seen. */
export async function readRequest(kind: RequestKind): Promise<RequestReading> {
  const [assessed, received] = await Promise.all([assessPageOnce(kind), headers()])
  const now = requestTime(received)
  const served = await servedSession(assessed)
  const revocation = served && (await currentRevocation(served))
  if (!served || revocation) {
    observeRequest(received, assessed, null, now)
    return withoutSession(assessed, revocation)
  }
  const decided = decisionOf(assessed)
  if (served.lane === 'stytch') {
    const { session, identity } = served
    const sessionKey = stytchSessionKey(session.sessionId)
    observeRequest(received, assessed, { lane: 'stytch', sessionKey }, now)
    const announce = announceToMirror(session.subject, null, new Date())
    return {
      ...decided,
      session: { ...session, lane: 'stytch', isFirstParty: true },
      account: () => openStytchAccount(session, null, announce, identity),
    }
  }
  const { session, keys } = served
  observeRequest(received, assessed, { lane: 'legacy', sessionKey: keys.sessionKey }, now)
  return {
    ...decided,
    session: { ...session, lane: 'legacy', issuer: session.issuer.canonicalName },
    account: () => legacyAccount(session),
  }
}

type Served =
  | {
      lane: 'stytch'
      session: Omit<StytchSession, 'issuer'> & { issuer: string }
      revocation: Promise<Revocation | null>
      identity: Promise<KnownIdentity | null>
    }
  | { lane: 'legacy'; session: LegacySession; keys: SessionKeys }

/** The session on which the verdict serves the request. */
async function servedSession({ verdict, stytch, legacy }: Assessment): Promise<Served | null> {
  if (verdict.lane === 'stytch' && stytch.state === 'valid') {
    const session = { ...stytch.session, issuer: stytch.session.issuer.canonicalName }
    return { lane: 'stytch', session, ...stytchFacts(session) }
  }
  if (verdict.lane !== 'legacy' || legacy.state !== 'valid') return null
  return { lane: 'legacy', session: legacy.session, keys: await sessionKeys(legacy.session) }
}

/** Whether the session of this request was ended, or its user blocked. */
const currentRevocation = (served: Served): Promise<Revocation | null> =>
  served.lane === 'stytch' ? served.revocation : legacyRevocation(served.session, served.keys)

/** The login to show on this device. The middleware updates the flag cookie when the policy changes. */
export async function loginFlow(): Promise<Flow> {
  return (await currentFlag())?.flow ?? 'legacy'
}

/**
 * The second login that the login page links to: Stytch to create an account, or legacy for an account from before.
 * Null unless the rule "new sign-ups only" is in force (docs/decisions/0016-new-sign-ups-only.md).
 */
export async function secondLogin(): Promise<Flow | null> {
  const { cohort, entities } = await assessPageOnce('public')
  if (cohort.reason === 'new_sign_up') return 'legacy'
  const visitor = { ...entities.visitor, isNewSignUp: true }
  const signUp = await cohortOf({ ...entities, visitor })
  return signUp.reason === 'new_sign_up' ? 'stytch' : null
}
