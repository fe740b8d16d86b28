import { config } from '../../config'
import { beforeTheMigration, type PolicyInForce, policySchema } from './document'

/**
 * Reads the policy where it is kept. The answer must be the policy at the time of the call: what a store between
 * remembers makes each change come into force that much later.
 * @param signal aborts the read when nobody waits for it any more
 */
export type PolicySource = (signal: AbortSignal) => Promise<PolicyInForce>

/**
 * Reads the policy over HTTP, since the edge has no database driver. Any store that answers over HTTP will do: this
 * app, a config store, a CDN.
 */
export const httpPolicySource: PolicySource = async (signal) => {
  const response = await fetch(config().policyUrl, {
    headers: {
      authorization: `Bearer ${await policyReaderKey()}`,
      accept: 'application/json',
      // A policy is small, and compressing it takes the server longer than sending it.
      'accept-encoding': 'identity',
    },
    signal,
    cache: 'no-store',
  })
  if (!response.ok) throw new Error(`status ${response.status}`)
  const { version, ...policy } = (await response.json()) as { version: unknown }
  if (typeof version !== 'number') throw new Error('no version in the answer')
  return { ...policySchema.parse(policy), version }
}

/** The policy in force until the source has answered once: `POLICY_FALLBACK`, else everybody stays on legacy. */
export function fallbackPolicy(): PolicyInForce {
  const text = config().policyFallback
  if (!text) return { ...beforeTheMigration, version: 0 }
  return { ...policySchema.parse(JSON.parse(text)), version: 0 }
}

/**
 * The key with which the edge of this deployment reads the policy. It opens nothing else.
 * It is derived from `COOKIE_SECRET`, so operators have no further secret to set.
 */
export function policyReaderKey(): Promise<string> {
  readerKey ??= deriveReaderKey()
  return readerKey
}

let readerKey: Promise<string> | undefined

async function deriveReaderKey(): Promise<string> {
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
