import type { Adapter } from 'flags'
import { flag } from 'flags/next'
import type { Policy } from '../policy/document'
import { type Cohort, decideCohort, type Visitor } from './rules'

/** The facts that the flag is decided by. */
export type FlagEntities = {
  /** The id of the organization, else of the visitor. It is stable, so a vendor can split by it. */
  id: string
  policy: Policy
  visitor: Visitor
}

/**
 * Decides by our own policy. A team with a flag vendor replaces it by the vendor's adapter, which gets the same
 * entities and answers with a flow and a reason (docs/decisions/0009-the-flag.md).
 */
export const policyAdapter = (): Adapter<Cohort, FlagEntities> => ({
  decide({ entities }) {
    if (!entities) throw new Error('The flag was asked about nobody.')
    return decideCohort(entities.policy, entities.visitor)
  },
})

/** The flag of the rollout, declared with the Flags SDK (https://flags-sdk.dev). */
export const authFlow = flag<Cohort, FlagEntities>({
  key: 'auth-flow',
  description: 'Which login a visitor is shown: that of Stytch, or the legacy one.',
  options: [
    { label: 'Stytch', value: { flow: 'stytch', reason: 'everybody' } },
    { label: 'Legacy', value: { flow: 'legacy', reason: 'nobody' } },
  ],
  // The visitor gets the legacy login, which has always worked, when a vendor's adapter fails.
  defaultValue: { flow: 'legacy', reason: 'flag_failed' },
  adapter: policyAdapter(),
})

/** The cohort of a visitor. @returns never throws */
export function cohortOf(entities: FlagEntities): Promise<Cohort> {
  // The SDK remembers the answer for the request, by the JSON of the entities. The flag is asked once for each
  // request, and a policy may hold thousands of names.
  const identify = { ...entities, toJSON: () => '' }
  // The SDK gets no headers and no cookies. An adapter must not see session cookies, and the SDK would read the
  // cookie `vercel-flag-overrides`, with which a client could choose the flow or make the SDK throw.
  const request = { headers: new Headers() } as Request
  return authFlow.run({ identify, request })
}
