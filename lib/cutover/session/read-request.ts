import 'server-only'
import { headers } from 'next/headers'
import type { Account } from '../../account/account'
import { requestTime } from '../../request/clock'
import type { RequestKind } from '../../request/kind'
import { stytchAccount } from '../../stytch/account'
import { stytchSessionKey } from '../../stytch/session-key'
import { isClaimEnded, type SessionKeys, sessionKeys } from '../migration/claim'
import { announceToMirror } from '../mirror/enqueue'
import { observeRequest } from '../observability/observe-request'
import type { Flow } from '../policy/document'
import type { Assessment } from '../routing/assess'
import { assessCurrentRequest, currentFlag } from '../routing/current-request'
import { refusalOf } from '../routing/refusal'
import { legacyAccount } from './legacy-account'
import { legacyIdentity } from './legacy-identity'

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
      account: () => stytchAccount(proof, null, legacyIdentity, announce),
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
 * A copy of a sealed legacy cookie or of an access token stays valid until it expires. So the claims table records
 * sessions that ended early: by a sign-out, or by a revocation at Stytch after the migration. The check passes while
 * the database is unavailable, since an outage must not sign users out.
 */
const isSignedOut = (keys: SessionKeys): Promise<boolean> => isClaimEnded(keys).catch(() => false)

/** The login to show on this device. The middleware updates the flag cookie when the policy changes. */
export async function loginFlow(): Promise<Flow> {
  return (await currentFlag())?.flow ?? 'legacy'
}
