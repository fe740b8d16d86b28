import type { PolicyInForce } from './document'
import type { PolicySource } from './source'

/*
 * A change must be in force five seconds later, as long as the source answers. So each of these stays under five
 * seconds: the stale age, the deadline and the stale age together, the deadline and the pause together.
 */

/** A request uses a policy of up to this age as it is. */
const freshMilliseconds = 1_000
/** A request uses a policy of up to this age and starts a fetch beside it. With an older one it waits for the fetch. */
const staleMilliseconds = 2_500
/** A fetch that takes longer has failed. */
export const deadlineMilliseconds = 2_000
/** After a failed fetch, no request waits and nothing is fetched for this long: the last known policy stays in force. */
const pauseMilliseconds = 2_000

/**
 * Remembers the policy for a few seconds, so that most requests need not fetch it.
 *
 * @param fallback in force until the source has answered once
 * @param now milliseconds, injectable for tests
 */
export function createPolicyMemory(source: PolicySource, fallback: PolicyInForce, now = Date.now) {
  let known = fallback
  let fetches = 0
  let knownFetch = 0
  /** When the fetch of the known policy started: the answer may be as old as that. */
  let knownAt = Number.NEGATIVE_INFINITY
  let failedAt = Number.NEGATIVE_INFINITY
  let pending: { startedAt: number; ended: Promise<void> } | undefined

  /** False for a time in the future too: someone set the clock back, so nobody knows the age. */
  const isWithin = (milliseconds: number, time: number): boolean => {
    const age = now() - time
    return age >= 0 && age < milliseconds
  }

  async function refresh(startedAt: number): Promise<void> {
    fetches += 1
    const fetch = fetches
    try {
      const policy = await withDeadline(source)
      // Of two fetches that overlap, the one that started later has the newer policy, whichever answers first.
      if (fetch < knownFetch) return
      known = policy
      knownFetch = fetch
      knownAt = startedAt
    } catch (error) {
      // Not later than its deadline: a host may freeze the process, and the fetch then fails when it wakes up.
      failedAt = Math.min(now(), startedAt + deadlineMilliseconds)
      console.error(`policy: the source did not answer; version ${known.version} stays: ${error}`)
    }
  }

  function startFetch() {
    const startedAt = now()
    const fetch = { startedAt, ended: refresh(startedAt) }
    pending = fetch
    fetch.ended.finally(() => {
      if (pending === fetch) pending = undefined
    })
    return fetch
  }

  /**
   * @param keepAlive receives work that may go on after the response, such as `event.waitUntil`
   * @returns the policy in force; never throws
   */
  return async function currentPolicy(
    keepAlive: (work: Promise<void>) => void,
  ): Promise<PolicyInForce> {
    if (isWithin(freshMilliseconds, knownAt) || isWithin(pauseMilliseconds, failedAt)) return known
    // A fetch that should have ended by now was frozen with the process, and its answer may be of any age.
    const isUsable = pending && isWithin(deadlineMilliseconds, pending.startedAt)
    const { ended } = pending && isUsable ? pending : startFetch()
    if (isWithin(staleMilliseconds, knownAt)) keepAlive(ended)
    else await ended
    return known
  }
}

async function withDeadline(source: PolicySource): Promise<PolicyInForce> {
  const deadline = new AbortController()
  const isOver = new Promise<never>((_, reject) => {
    deadline.signal.addEventListener('abort', () => reject(deadline.signal.reason))
  })
  const timer = setTimeout(
    () => deadline.abort(new Error(`no answer within ${deadlineMilliseconds} ms`)),
    deadlineMilliseconds,
  )
  try {
    return await Promise.race([source(deadline.signal), isOver])
  } finally {
    clearTimeout(timer)
  }
}
