import type { Adapter } from 'flags'
import { flag } from 'flags/next'
import type { Policy } from '../policy/document'
import { type Cohort, decideCohort, type Visitor } from './rules'

/** The inputs of the flag's decision. */
export type FlagEntities = {
  /** Stable id for a vendor's percentage: of the organization if there is one, else of the visitor. */
  id: string
  policy: Policy
  visitor: Visitor
}

/**
 * Decides by the policy of this app. A team with a flag vendor replaces it by the vendor's adapter, which gets
 * the same entities and returns a flow and a reason. See docs/decisions/0009-the-flag.md.
 */
export const policyAdapter = (): Adapter<Cohort, FlagEntities> => ({
  decide({ entities }) {
    if (!entities) throw new Error('The flag was evaluated without a visitor.')
    return decideCohort(entities.policy, entities.visitor)
  },
})

/** The flag of the rollout, declared with the Flags SDK (https://flags-sdk.dev). */
export const authFlow = flag<Cohort, FlagEntities>({
  key: 'auth-flow',
  description: 'The login that a visitor is shown: Stytch or legacy.',
  options: [
    { label: 'Stytch', value: { flow: 'stytch', reason: 'everybody' } },
    { label: 'Legacy', value: { flow: 'legacy', reason: 'nobody' } },
  ],
  // A vendor's adapter may fail. Every user knows the legacy login, so it is the default.
  defaultValue: { flow: 'legacy', reason: 'flag_failed' },
  adapter: policyAdapter(),
})

/** Decides the cohort of a visitor. Never throws. */
export function cohortOf(entities: FlagEntities): Promise<Cohort> {
  // The SDK caches the answer for the request, by the JSON of the entities. The app evaluates the flag once for each
  // request, and a policy may hold thousands of names.
  const identify = { ...entities, toJSON: () => '' }
  // The SDK gets no headers and no cookies. Otherwise a visitor could choose a flow, or make the SDK throw, with the
  // cookie `vercel-flag-overrides`. An adapter must not see session cookies either.
  const request = { headers: new Headers() } as Request
  return authFlow.run({ identify, request })
}
