import type { PolicyInForce } from './document'
import type { PolicySource } from './source'

/*
 * A change must be in force within five seconds, as long as the source answers. Therefore the deadline plus the
 * stale age must be less than five seconds, and also the deadline plus the pause.
 */

/** A request uses a policy of up to this age as it is. */
const freshMilliseconds = 1_000
/** A request uses a policy of up to this age and starts a fetch beside it. With an older one it waits for the fetch. */
const staleMilliseconds = 2_500
/** A fetch that takes longer has failed. */
export const deadlineMilliseconds = 2_000
/** Pause after a failed fetch. During it the last known policy stays in force, and no request waits or fetches. */
const pauseMilliseconds = 2_000

/**
 * Caches the policy for a few seconds, so that most requests need not fetch it.
 *
 * @param fallback in force until the source has answered once
 * @param now milliseconds, injectable for tests
 */
export function createPolicyMemory(source: PolicySource, fallback: PolicyInForce, now = Date.now) {
  let known = fallback
  let fetches = 0
  let knownFetch = 0
  /** Start of the fetch of the known policy. The source may have read the policy at that moment. */
  let knownAt = Number.NEGATIVE_INFINITY
  let failedAt = Number.NEGATIVE_INFINITY
  let pending: { startedAt: number; ended: Promise<void> } | undefined

  /** False also for a time in the future. The clock was set back, so the age is unknown. */
  const isWithin = (milliseconds: number, time: number): boolean => {
    const age = now() - time
    return age >= 0 && age < milliseconds
  }

  async function refresh(startedAt: number): Promise<void> {
    fetches += 1
    const fetch = fetches
    try {
      const policy = await withDeadline(source)
      // When two fetches overlap, the later one has the newer policy, even if the earlier one answers last.
      if (fetch < knownFetch) return
      known = policy
      knownFetch = fetch
      knownAt = startedAt
    } catch (error) {
      // A host may freeze the process, so this code may run long after the deadline. The pause starts at the deadline.
      failedAt = Math.min(now(), startedAt + deadlineMilliseconds)
      console.error(`policy: the source failed, so version ${known.version} stays: ${error}`)
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
    // A fetch past its deadline was frozen together with the process. Its answer may be of any age.
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
