import type { Adapter } from 'flags'
import { flag } from 'flags/next'
import type { Policy } from '../policy/document'
import { type Cohort, decideCohort, type Visitor } from './rules'

/** What the flag is decided by. */
export type FlagEntities = {
  /** Stable: of the organization, else of the visitor. By it a vendor splits. */
  id: string
  policy: Policy
  visitor: Visitor
}

/**
 * Decides by our own policy. A team with a flag vendor puts that vendor's adapter in its place: it gets the
 * same entities, and answers with a flow and a reason (docs/decisions/0009-the-flag.md).
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
  // When a vendor's adapter fails: the login that has always worked.
  defaultValue: { flow: 'legacy', reason: 'flag_failed' },
  adapter: policyAdapter(),
})

/** The cohort of a visitor. @returns never throws */
export const cohortOf = (entities: FlagEntities): Promise<Cohort> =>
  // Without headers and cookies, on purpose. An adapter has no business with session cookies; and the SDK
  // would read `vercel-flag-overrides`, with which a stranger could make it throw, or choose.
  authFlow.run({ identify: entities, request: { headers: new Headers() } as Request })
