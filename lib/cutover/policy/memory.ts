import { config } from '../../config'
import { beforeTheMigration, type PolicyInForce, policySchema } from './document'

/** Where the edge gets its policy from. Any store with an HTTP face fits: a config store, a CDN, this app. */
export type PolicySource = () => Promise<PolicyInForce>

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

/** Reads the policy over HTTP, since the edge has no database driver. */
export const httpPolicySource: PolicySource = async () => {
  const response = await fetch(config().policyUrl, {
    headers: { authorization: `Bearer ${await policyReaderKey()}`, accept: 'application/json' },
    signal: AbortSignal.timeout(1_000),
    cache: 'no-store',
  })
  if (!response.ok) throw new Error(`status ${response.status}`)
  const { version, ...policy } = (await response.json()) as { version: unknown }
  if (typeof version !== 'number') throw new Error('no version in the answer')
  return { ...policySchema.parse(policy), version }
}

/** What is in force before any source answered: `POLICY_FALLBACK`, else everybody stays on legacy. */
export function fallbackPolicy(): PolicyInForce {
  const text = config().policyFallback
  if (!text) return { ...beforeTheMigration, version: 0 }
  return { ...policySchema.parse(JSON.parse(text)), version: 0 }
}

/**
 * The key with which the edge of this deployment reads the policy, and can do nothing else.
 * Derived, so that there is no further secret to set and `CONTROL_TOKEN` stays with people.
 */
export async function policyReaderKey(): Promise<string> {
  const key = await crypto.subtle.importKey(
    'raw',
    new TextEncoder().encode(config().cookieSecret),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  )
  const mac = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode('policy-reader'))
  return Array.from(new Uint8Array(mac), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
