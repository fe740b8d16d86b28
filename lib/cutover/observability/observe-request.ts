import 'server-only'
import { headers } from 'next/headers'
import { requestTime } from '../../request/clock'
import { decodeTrace, traceHeader } from '../../request/trace'
import { countRequest } from '../events/metrics'
import { recordFailure } from '../events/record'
import type { Assessment } from '../routing/assess'
import { consumers } from '../routing/audience'
import { recordSighting, type Sighting } from './sightings'

/** Requests that are counted. A page reads the session several times in one request, with the same headers. */
const counted = new WeakSet<object>()

/**
 * Records the lane of the current request for figures and metrics. Never throws, and does not delay the request.
 * @param received the result of `headers()`
 * @param session null when the request has none
 */
export function observeRequest(
  received: Headers,
  { verdict, refusal, audience }: Assessment,
  session: Pick<Sighting, 'sessionKey' | 'lane'> | null,
  now: Date,
): void {
  // Next removes its own headers, so only the trace of the middleware still marks a prefetch.
  const isPrefetch = decodeTrace(received.get(traceHeader))?.kind === 'prefetch'
  // A prefetch of a legacy session counts too, because the switch-off check must see every active legacy session.
  if (session && (!isPrefetch || session.lane === 'legacy')) recordSighting({ ...session, at: now })
  if (isPrefetch) return
  if (counted.has(received)) return
  counted.add(received)
  countRequest(session?.lane ?? 'anonymous', audience === consumers ? 'consumer' : 'member')
  if (verdict.reason === 'stytch_unavailable') recordFailure('refresh', verdict.reason, now)
  else if (refusal === 'keys_unavailable' || refusal === 'key_too_weak')
    recordFailure('refresh', refusal, now)
}

/**
 * Records that a user is shown the page "the login provider does not answer".
 * The middleware cannot record it, because it has no database.
 */
export async function recordOutage(): Promise<void> {
  const received = await headers()
  if (counted.has(received)) return
  counted.add(received)
  const trace = decodeTrace(received.get(traceHeader))
  if (trace?.action !== 'retry') return
  recordFailure('refresh', trace.refusal ?? trace.reason, requestTime(received))
}
