import { ConfigError } from '../../environment'
import { cutoverConfig } from '../config'
import {
  beforeTheMigration,
  deliveredPolicySchema,
  type Policy,
  type PolicyInForce,
  policyProblems,
  policySchema,
} from './document'

/**
 * Reads the policy from where it is stored. It must return the policy at the time of the call, because a cache in
 * between would delay each change.
 * @param signal aborts the read at its deadline
 */
export type PolicySource = (signal: AbortSignal) => Promise<PolicyInForce>

/**
 * Reads the policy over HTTP, since the edge has no database driver. The source can be this app, a config store or a
 * CDN.
 */
export const httpPolicySource: PolicySource = async (signal) => {
  const response = await fetch(cutoverConfig().policyUrl, {
    headers: {
      // This key gives no other access.
      authorization: `Bearer ${cutoverConfig().policyReaderSecrets[0]}`,
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
  return { ...deliveredPolicySchema.parse(policy), version }
}

/** The policy in force until a source has answered. Without `POLICY_FALLBACK` everybody stays on legacy. */
export const fallbackPolicy = (): PolicyInForce => ({
  ...parseFallback(cutoverConfig().policyFallback),
  version: 0,
})

/**
 * Reads `POLICY_FALLBACK`.
 * @throws {ConfigError} naming each field that is wrong
 */
export function parseFallback(text: string): Policy {
  if (text === '') return beforeTheMigration
  const refuse = (problem: string) =>
    new ConfigError([`POLICY_FALLBACK is not a policy: ${problem}`])
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    throw refuse('it is not JSON')
  }
  const parsed = policySchema.safeParse(document)
  if (parsed.success) return parsed.data
  const problems = Object.entries(policyProblems(parsed.error))
  throw refuse(problems.map(([field, problem]) => `${field} ${problem}`).join(', '))
}
