import type { PolicyInForce } from './document'
import type { PolicySource } from './source'

/** Up to this age the policy is used without a thought. */
const freshMilliseconds = 500
/** Up to this age it is used, and fetched again beside the request. Older: the request waits for the new one. */
const staleMilliseconds = 3_000
/** How long a request waits for a policy that is to replace a known one. */
const glanceMilliseconds = 150
/** A source that fails is left alone for this long: no request waits for it, the last known policy stays. */
const pauseMilliseconds = 2_000

/**
 * Remembers the policy for a few seconds. A change is in force after three seconds at the latest, and a
 * busy edge makes no request wait for it.
 *
 * @param fallback in force until the source has answered once
 * @param now milliseconds, injectable for tests
 */
export function createPolicyMemory(source: PolicySource, fallback: PolicyInForce, now = Date.now) {
  let known = fallback
  let fetchedAt = Number.NEGATIVE_INFINITY
  let pausedUntil = Number.NEGATIVE_INFINITY
  let pending: Promise<void> | undefined

  const refresh = (): Promise<void> => {
    pending ??= source()
      .then((policy) => {
        known = policy
        fetchedAt = now()
      })
      .catch((error: unknown) => {
        pausedUntil = now() + pauseMilliseconds
        console.error(`policy: the source did not answer; version ${known.version} stays: ${error}`)
      })
      .finally(() => {
        pending = undefined
      })
    return pending
  }

  /**
   * @param keepAlive receives work that may go on after the response, such as `event.waitUntil`
   * @returns the policy in force; never throws
   */
  return async function currentPolicy(
    keepAlive: (work: Promise<void>) => void,
  ): Promise<PolicyInForce> {
    const age = now() - fetchedAt
    if (age < freshMilliseconds || now() < pausedUntil) return known
    if (age < staleMilliseconds) keepAlive(refresh())
    else if (known === fallback) await refresh()
    else {
      // A source that hangs must hold nobody up: after a moment the last known policy will do.
      const fetched = refresh()
      keepAlive(fetched)
      await Promise.race([
        fetched,
        new Promise((resolve) => setTimeout(resolve, glanceMilliseconds)),
      ])
    }
    return known
  }
}
