import 'server-only'
import { headers } from 'next/headers'
import type { Account } from '../../account/account'
import { requestTime } from '../../request/clock'
import type { RequestKind } from '../../request/kind'
import { stytchAccount } from '../../stytch/account'
import { isClaimEnded, type SessionKeys, sessionKeys } from '../migration/claim'
import { announceToMirror } from '../mirror/enqueue'
import { observeRequest } from '../observability/observe-request'
import { stytchSessionKey } from '../observability/sightings'
import type { Flow } from '../policy/document'
import type { Assessment } from '../routing/assess'
import { assessCurrentRequest, currentFlag } from '../routing/current-request'
import { refusalOf } from '../routing/refusal'
import { formerIdentity } from './former-identity'
import { legacyAccount } from './legacy-account'

/** What the current request amounts to. */
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
   * The account of the session; null without a session.
   * @throws {UserDeleted} and other errors when the account cannot be looked up now
   */
  account(): Promise<Account | null>
  /** Why it was decided so: a stable code. */
  reason: string
  flow: { name: Flow; reason: string }
  policyVersion: number
  /** What an API answers when there is no session. */
  refusal: { status: 401 | 503; body: object; headers: Record<string, string> }
}

/** Reads and verifies the credentials of the current request, and records the request for the figures. */
export async function readRequest(kind: RequestKind): Promise<RequestReading> {
  const [assessed, received] = await Promise.all([assessCurrentRequest(kind), headers()])
  const now = requestTime(received)
  const { cohort, policy, stytch, legacy } = assessed
  const decided = {
    reason: assessed.refusal ?? assessed.verdict.reason,
    flow: { name: cohort.flow, reason: cohort.reason },
    policyVersion: policy.version,
    refusal: refusalOf(assessed),
  }
  if (assessed.verdict.lane === 'stytch' && stytch.state === 'valid') {
    const proof = { ...stytch.session, issuer: stytch.session.issuer.canonicalName }
    const sessionKey = stytchSessionKey(proof.sessionId)
    observeRequest(received, assessed, { lane: 'stytch', sessionKey }, now)
    const announce = announceToMirror(proof.subject, null, new Date())
    return {
      ...decided,
      session: { ...proof, lane: 'stytch', isFirstParty: true },
      account: () => stytchAccount(proof, null, formerIdentity, announce),
    }
  }
  const isLegacy = assessed.verdict.lane === 'legacy' && legacy.state === 'valid'
  const keys = isLegacy ? await sessionKeys(legacy.session) : null
  if (isLegacy && keys && !(await isSignedOut(keys))) {
    const { session } = legacy
    observeRequest(received, assessed, { lane: 'legacy', sessionKey: keys.sessionKey }, now)
    return {
      ...decided,
      session: { ...session, lane: 'legacy', issuer: session.issuer.canonicalName },
      account: () => legacyAccount(session),
    }
  }
  observeRequest(received, assessed, null, now)
  const none = { ...decided, session: null, account: async () => null }
  return isLegacy
    ? { ...none, reason: 'session_ended', refusal: refusalOf(asEnded(assessed)) }
    : none
}

const asEnded = (assessed: Assessment): Assessment => ({
  ...assessed,
  refusal: 'session_ended',
  verdict: { ...assessed.verdict, action: 'refuse', lane: 'anonymous' },
})

/**
 * A sealed legacy cookie or an access token stays valid until it expires, also where it was copied to.
 * The claims table therefore records sessions that ended early: by a sign-out here, or at Stytch after the
 * migration. While the database is unavailable this check cannot run, and nobody is signed out for that.
 */
const isSignedOut = (keys: SessionKeys): Promise<boolean> => isClaimEnded(keys).catch(() => false)

/** The login to show on this device. The middleware keeps the sealed flag cookie in step with the policy. */
export async function loginFlow(): Promise<Flow> {
  return (await currentFlag())?.flow ?? 'legacy'
}
