import type { Adapter } from 'flags'
import { flag } from 'flags/next'
import { NextRequest } from 'next/server'
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

const adapter = policyAdapter()

/** The flag of the rollout, declared with the Flags SDK (https://flags-sdk.dev). */
export const authFlow = flag<Cohort, FlagEntities>({
  key: 'auth-flow',
  description: 'The login that a visitor is shown: Stytch or legacy.',
  options: [
    { label: 'Stytch', value: { flow: 'stytch', reason: 'everybody' } },
    { label: 'Legacy', value: { flow: 'legacy', reason: 'nobody' } },
  ],
  adapter,
})

/**
 * Decides the cohort of a visitor. Never throws.
 *
 * It asks the adapter itself. The SDK's `run` would also read the cookie `vercel-flag-overrides`, with which a visitor
 * could choose a flow, and it costs 30 µs a request. An adapter gets no header and no cookie of the request.
 */
export async function cohortOf(entities: FlagEntities): Promise<Cohort> {
  try {
    return await adapter.decide({ key: authFlow.key, entities, ...nothing })
  } catch (error) {
    console.warn(`flag: the adapter failed, so this visitor gets the legacy flow: ${error}`)
    // Every user knows the legacy login.
    return { flow: 'legacy', reason: 'flag_failed' }
  }
}

/** The headers and cookies of no request. */
const { headers, cookies } = new NextRequest('http://no-request.invalid')
const nothing = { headers, cookies } as unknown as Pick<
  Parameters<typeof adapter.decide>[0],
  'headers' | 'cookies'
>
