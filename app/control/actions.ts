'use server'

import { revalidatePath } from 'next/cache'
import { headers } from 'next/headers'
import { forbidden, unstable_rethrow } from 'next/navigation'
import { z } from 'zod'
import type { FormState } from '@/app/form-state'
import { requestTime } from '@/lib/clock'
import { changePolicyAs } from '@/lib/cutover/change-policy'
import { presets } from '@/lib/cutover/policy'
import { PolicyConflict, PolicyElsewhere } from '@/lib/cutover/policy-store'
import { errorText } from '@/lib/error-text'
import { requireViewer } from '@/lib/viewer'

const changeSchema = z.object({
  preset: z.enum(['before-the-migration', 'zero-downtime']),
  expectedVersion: z.coerce.number().int().min(0),
})

/** Puts a preset in force, if nobody changed the policy since the operator looked at it. */
export async function changePolicy(_: FormState, data: FormData): Promise<FormState> {
  const viewer = await requireViewer('/control')
  if (!viewer.isOperator || !viewer.account) forbidden()
  const parsed = changeSchema.safeParse(Object.fromEntries(data))
  if (!parsed.success) {
    return {
      problem: { code: 'policy_invalid', message: 'Choose one of the two policies, and confirm.' },
    }
  }
  const { preset, expectedVersion } = parsed.data
  try {
    await changePolicyAs(
      viewer.account.email,
      presets[preset],
      expectedVersion,
      requestTime(await headers()),
    )
  } catch (error) {
    unstable_rethrow(error)
    if (error instanceof PolicyConflict || error instanceof PolicyElsewhere)
      return { problem: { code: error.code, message: error.message } }
    console.error(`control: ${errorText(error)}`)
    const message =
      'The policy could not be saved: the database cannot be reached. What was in force stays. Try again.'
    return { problem: { code: 'database_unavailable', message } }
  }
  revalidatePath('/control')
  return { problem: null }
}
