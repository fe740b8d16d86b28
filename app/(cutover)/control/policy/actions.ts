'use server'

import { revalidatePath } from 'next/cache'
import { headers } from 'next/headers'
import { redirect, unstable_rethrow } from 'next/navigation'
import type { FormState } from '@/app/form-state'
import { changePolicyAs } from '@/lib/cutover/policy/change'
import { PolicyConflict, PolicyElsewhere } from '@/lib/cutover/policy/store'
import { pinDevice } from '@/lib/cutover/routing/pin-device'
import { errorText } from '@/lib/error-text'
import { requestTime } from '@/lib/request/clock'
import { requireOperator } from '../operator'
import { type Draft, parseDraft, readDraft } from './draft'
import { editState, type PolicyFormState, previewState } from './policy-form-state'

/**
 * Handles the steps of a policy change: `preview`, then `confirm`, or back to `edit`. It reads only the submitted
 * form and ignores the previous state, because the browser sends that too and could forge it.
 */
export async function changePolicy(_: PolicyFormState, data: FormData): Promise<PolicyFormState> {
  const author = await requireOperator('/control/policy')
  const now = requestTime(await headers())
  const draft = readDraft(data)
  const version = versionIn(data)
  if (version === null) {
    const problem = { code: 'version_missing', message: 'Reload this page and try again.' }
    return { ...editState(draft, 0), problem }
  }
  if (data.get('intent') === 'edit') return editState(draft, version)
  try {
    if (data.get('intent') !== 'confirm') return await previewState(draft, version, now)
    return await confirm(draft, version, author, now)
  } catch (error) {
    unstable_rethrow(error)
    if (error instanceof PolicyElsewhere) {
      return { ...editState(draft, version), problem: { code: error.code, message: error.message } }
    }
    console.error(`control: ${errorText(error)}`)
    const message =
      'The database does not answer, so the policy did not change. Your draft is still here. Try again.'
    return { ...editState(draft, version), problem: { code: 'database_unavailable', message } }
  }
}

async function confirm(
  draft: Draft,
  version: number,
  author: string,
  now: Date,
): Promise<PolicyFormState> {
  const parsed = parseDraft(draft)
  if ('problems' in parsed) return { ...editState(draft, version), problems: parsed.problems }
  try {
    const changed = await changePolicyAs(author, parsed.policy, version, now)
    revalidatePath('/control', 'layout')
    redirect(`/control?changed=${changed.version}`)
  } catch (error) {
    if (!(error instanceof PolicyConflict)) throw error
    const message = `Your change was not applied: the policy is now at version ${error.current.version}. Review your draft against that version and decide again.`
    return { ...(await previewState(draft, version, now)), problem: { code: error.code, message } }
  }
}

function versionIn(data: FormData): number | null {
  const text = data.get('expectedVersion')
  return typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : null
}

/**
 * Pins the operator's own device. It records no event, because it changes neither the policy nor another
 * user's session.
 */
export async function pinThisDevice(_: FormState, data: FormData): Promise<FormState> {
  await requireOperator('/control/policy')
  const pin = data.get('pin')
  if (pin !== 'stytch' && pin !== 'legacy' && pin !== 'none') {
    const message = 'Choose Stytch, Legacy or Not pinned.'
    return { problem: { code: 'invalid_input', message } }
  }
  await pinDevice(pin === 'none' ? null : pin)
  revalidatePath('/control/policy')
  return { problem: null }
}
