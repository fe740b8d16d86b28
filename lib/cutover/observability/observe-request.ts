import 'server-only'
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
  else if (refusal === 'keys_unavailable') recordFailure('refresh', refusal, now)
}

/** The middleware could not refresh a session, and shows the page that says so: it has no database itself. */
export function observeOutage(received: Headers, now: Date): void {
  const trace = decodeTrace(received.get(traceHeader))
  if (counted.has(received)) return
  counted.add(received)
  if (trace?.action === 'retry') recordFailure('refresh', trace.refusal ?? trace.reason, now)
}
