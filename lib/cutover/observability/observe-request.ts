import 'server-only'
import { headers } from 'next/headers'
import { requestTime } from '../../request/clock'
import { decodeTrace, traceHeader } from '../../request/trace'
import { countRequest } from '../events/metrics'
import { recordFailure } from '../events/record'
import type { Assessment } from '../routing/assess'
import { type Sighting, see } from './sightings'

/** A page asks several times for one request, and may be rendered twice, with the very same headers. */
const counted = new WeakSet<object>()

/**
 * Writes down, for figures and metrics, on which lane the current request is served. Never throws, and takes no time
 * of the request's own.
 * @param received as `headers()` gives them
 * @param session whose request it is, if anybody's
 */
export function observeRequest(
  received: Headers,
  { verdict, refusal }: Assessment,
  session: Pick<Sighting, 'sessionKey' | 'lane'> | null,
  now: Date,
): void {
  // Next takes its own headers away, so only the middleware's trace still tells a prefetch.
  const isPrefetch = decodeTrace(received.get(traceHeader))?.kind === 'prefetch'
  // A legacy session that prefetches is alive all the same: legacy must not be switched off under it.
  if (session && (!isPrefetch || session.lane === 'legacy')) see({ ...session, at: now })
  if (isPrefetch) return
  if (counted.has(received)) return
  counted.add(received)
  countRequest(session?.lane ?? 'anonymous')
  if (verdict.reason === 'stytch_unavailable') recordFailure('refresh', verdict.reason, now)
  else if (refusal === 'keys_unavailable' || refusal === 'key_too_weak')
    recordFailure('refresh', refusal, now)
}

/**
 * Records that a user is shown the page "the login provider does not answer".
 * The middleware cannot do it itself: it has no database.
 */
export async function recordOutage(): Promise<void> {
  const received = await headers()
  if (counted.has(received)) return
  counted.add(received)
  const trace = decodeTrace(received.get(traceHeader))
  if (trace?.action !== 'retry') return
  recordFailure('refresh', trace.refusal ?? trace.reason, requestTime(received))
}
