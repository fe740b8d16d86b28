import 'server-only'
import { recordEvent } from '../events/record'
import { type Policy, type PolicyInForce, presetOf } from './document'
import { appendPolicy } from './store'

/**
 * Puts a policy in force and records its author.
 * @param expectedVersion see {@link appendPolicy}
 * @throws {PolicyConflict | DatabaseUnavailable}
 */
export async function changePolicyAs(
  author: string,
  policy: Policy,
  expectedVersion: number | null,
  now: Date,
): Promise<PolicyInForce> {
  const started = performance.now()
  const changed = await appendPolicy(policy, author, expectedVersion)
  await recordEvent({
    at: now,
    kind: 'policy',
    accountId: null,
    issuer: null,
    subject: author,
    lane: 'anonymous',
    result: 'changed',
    reason: presetOf(policy) ?? 'rolling',
    milliseconds: performance.now() - started,
    policyVersion: changed.version,
  })
  return changed
}
