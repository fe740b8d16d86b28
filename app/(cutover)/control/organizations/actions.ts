'use server'

import { revalidatePath } from 'next/cache'
import { headers } from 'next/headers'
import { redirect, unstable_rethrow } from 'next/navigation'
import { z } from 'zod'
import { changePolicyAs } from '@/lib/cutover/policy/change'
import { PolicyConflict, PolicyElsewhere } from '@/lib/cutover/policy/store'
import { errorText } from '@/lib/error-text'
import { requestTime } from '@/lib/request/clock'
import { type DescribedOrganization, rememberOrganization } from '@/lib/team/organization'
import { isSlug } from '@/lib/team/slug'
import { requireOperator } from '../operator'
import { confirmationOf, type MoveState, planned } from './move-state'

const posted = z.object({
  slug: z.string().refine(isSlug),
  to: z.enum(['stytch', 'legacy']),
  version: z.coerce.number().int().min(0).max(999_999_999),
  note: z.string().trim().max(500),
})

/**
 * Moves one organization. It plans the move again by the policy in force, because the browser could forge a plan. The
 * version makes sure that the operator has seen that policy.
 */
export async function moveOrganization(state: MoveState, data: FormData): Promise<MoveState> {
  const author = await requireOperator('/control/organizations')
  const now = requestTime(await headers())
  const parsed = posted.safeParse(Object.fromEntries(data))
  if (!parsed.success) {
    const isNote = parsed.error.issues.some(({ path }) => path[0] === 'note')
    const message = isNote
      ? 'The note must have 500 characters at most. The policy did not change.'
      : 'Reload this page and try again. The policy did not change.'
    return { ...state, problem: { code: 'invalid_input', message } }
  }
  const { slug, to, version, note } = parsed.data
  const request = { slug, to }
  try {
    const plan = await planned(request)
    if (plan?.move.isPossible && plan.version === version) {
      const policy = { ...plan.move.policy, note: note || noteOf(plan.organization.name, to) }
      await remember(plan.organization)
      const changed = await changePolicyAs(author, policy, version, now)
      revalidatePath('/control', 'layout')
      redirect(`/control/organizations?moved=${slug}&changed=${changed.version}`)
    }
    return await conflict(request, note, plan?.version ?? version)
  } catch (error) {
    unstable_rethrow(error)
    if (error instanceof PolicyConflict) return conflict(request, note, error.current.version)
    if (error instanceof PolicyElsewhere) {
      return { ...state, note, problem: { code: error.code, message: error.message } }
    }
    console.error(`control: ${errorText(error)}`)
    const message = 'The database does not answer, so the policy did not change. Try again.'
    return { ...state, note, problem: { code: 'database_unavailable', message } }
  }
}

/** With a record of the organization, the policy is delivered with all of its names at once. */
async function remember({ slug, name, stytchId, legacyId }: DescribedOrganization): Promise<void> {
  try {
    await rememberOrganization({ slug, name, stytchId, legacyId })
  } catch (error) {
    // The app then learns the names later, see lib/cutover/policy/organization-aliases.ts.
    console.error(`control: ${errorText(error)}`)
  }
}

const noteOf = (name: string, to: 'stytch' | 'legacy'): string =>
  to === 'stytch' ? `${name} moved to Stytch` : `${name} moved back`

/** The confirmation by the policy that another operator has put in force. */
async function conflict(
  request: { slug: string; to: 'stytch' | 'legacy' },
  note: string,
  version: number,
): Promise<MoveState> {
  const state = await confirmationOf(request)
  // The list beside the confirmation shows the new policy too.
  revalidatePath('/control/organizations')
  if (!state) redirect('/control/organizations')
  const message = `Nothing was moved: the policy is now at version ${version}, because another operator changed it. Read what the move does now, and decide again.`
  return { ...state, note, problem: { code: 'policy_conflict', message } }
}
