import type { RequestKind } from '../../request/kind'
import type { Lane } from '../../request/trace'
import type { Flow } from '../policy/document'

export type Facts = {
  kind: RequestKind
  /** The flow of the visitor, decided by the cohort. */
  flow: Flow
  /** The policy carries live legacy sessions over. */
  carry: boolean
  /**
   * `refreshable`: the JWT has expired, and the request has a session token to refresh it with.
   * `unavailable`: Stytch did not answer.
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
  action: /** Serve the request on `lane`. */
    | 'serve'
    /** Refresh the session at Stytch, then decide again. */
    | 'refresh'
    /** Redirect to the login of the flow. */
    | 'login'
    /** Answer 401. */
    | 'refuse'
    /** Answer 503: the outage of a provider must not log users out. */
    | 'retry'
    /** Answer 204: a prefetch neither refreshes nor redirects. */
    | 'skip'
  lane: Lane
  /** The page migrates the legacy session after it has rendered. */
  migrate: boolean
  reason: VerdictReason
}

/**
 * Decides by the table of docs/decisions/0001-one-policy-two-dials.md. A pure function, tested over every
 * combination of its inputs. The first line that applies decides.
 */
export function decideVerdict({ kind, flow, carry, stytch, legacy }: Facts): Verdict {
  const serve = (lane: Lane, reason: VerdictReason, migrate = false): Verdict => ({
    action: 'serve',
    lane,
    migrate,
    reason,
  })

  // No policy demotes a valid Stytch session, so a rollback logs nobody out.
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

/** The verdict for each kind of request without a session that counts. */
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
