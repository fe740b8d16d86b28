import type { RequestKind } from '../../request/kind'
import type { Lane } from '../../request/trace'
import type { Flow } from '../policy/document'

export type Facts = {
  kind: RequestKind
  /** From the cohort: which flow the visitor is on. */
  flow: Flow
  /** From the policy: whether a live legacy session is carried over. */
  carry: boolean
  /**
   * `refreshable`: the JWT has expired and a session token is there to be asked about.
   * `unavailable`: Stytch was asked and did not answer.
   */
  stytch: 'valid' | 'refreshable' | 'unavailable' | 'none'
  legacy: 'valid' | 'none'
}

export type VerdictReason =
  | 'stytch_session'
  | 'stytch_session_expired'
  | 'stytch_unavailable'
  | 'legacy_session'
  | 'legacy_session_carried_over'
  | 'legacy_session_not_accepted'
  | 'no_session'

export type Verdict = {
  action: /** let it through on `lane` */
    | 'serve'
    /** ask Stytch, then decide again with what it said */
    | 'refresh'
    /** send the person to the login of their flow */
    | 'login'
    /** 401 */
    | 'refuse'
    /** 503: nobody is logged out because a provider is away */
    | 'retry'
    /** 204: a prefetch that would have needed more than a look */
    | 'skip'
  lane: Lane
  /** Whether the page should carry the legacy session over once it is shown. */
  migrate: boolean
  reason: VerdictReason
}

/**
 * The decision table (docs/decisions/0001-one-policy-two-dials.md). Pure, total, and tested over
 * every combination of its inputs. Read it from the top: the first line that applies decides.
 */
export function decideVerdict({ kind, flow, carry, stytch, legacy }: Facts): Verdict {
  const serve = (lane: Lane, reason: VerdictReason, migrate = false): Verdict => ({
    action: 'serve',
    lane,
    migrate,
    reason,
  })

  // A valid Stytch session is never demoted, whatever the policy: that makes rollback free.
  if (stytch === 'valid') return serve('stytch', 'stytch_session')
  if (stytch === 'refreshable') {
    if (kind === 'prefetch') return withoutSession(kind, 'stytch_session_expired')
    return {
      action: 'refresh',
      lane: 'anonymous',
      migrate: false,
      reason: 'stytch_session_expired',
    }
  }

  const accepted = legacy === 'valid' && (flow === 'legacy' || carry)
  if (accepted && stytch === 'unavailable') return serve('legacy', 'stytch_unavailable')
  if (accepted && flow === 'stytch') {
    return serve('legacy', 'legacy_session_carried_over', kind === 'page')
  }
  if (accepted) return serve('legacy', 'legacy_session')

  if (stytch === 'unavailable') return withoutSession(kind, 'stytch_unavailable')
  if (legacy === 'valid') return withoutSession(kind, 'legacy_session_not_accepted')
  return withoutSession(kind, 'no_session')
}

/** What each kind of request gets when there is no session to serve it on. */
function withoutSession(kind: RequestKind, reason: VerdictReason): Verdict {
  const action = {
    page: reason === 'stytch_unavailable' ? 'retry' : 'login',
    public: 'serve',
    api: reason === 'stytch_unavailable' ? 'retry' : 'refuse',
    prefetch: 'skip',
    action: 'serve',
  } as const satisfies Record<RequestKind, Verdict['action']>
  return { action: action[kind], lane: 'anonymous', migrate: false, reason }
}
