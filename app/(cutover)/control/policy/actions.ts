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
import { editing, type PolicyState, previewing } from './look'

/**
 * The steps of a change: `preview`, then `confirm`, or back to `edit`. All that counts is in the form that was
 * sent; the state before is what a browser says it was.
 */
export async function changePolicy(_: PolicyState, data: FormData): Promise<PolicyState> {
  const author = await requireOperator('/control/policy')
  const now = requestTime(await headers())
  const draft = readDraft(data)
  const version = versionIn(data)
  if (version === null) {
    const problem = { code: 'version_missing', message: 'Load this page again, and try once more.' }
    return { ...editing(draft, 0), problem }
  }
  if (data.get('intent') === 'edit') return editing(draft, version)
  try {
    if (data.get('intent') !== 'confirm') return await previewing(draft, version, now)
    return await confirm(draft, version, author, now)
  } catch (error) {
    unstable_rethrow(error)
    if (error instanceof PolicyElsewhere) {
      return { ...editing(draft, version), problem: { code: error.code, message: error.message } }
    }
    console.error(`control: ${errorText(error)}`)
    const message =
      'Nothing was changed: the database cannot be reached. What was in force stays, and your draft is still here. Try again.'
    return { ...editing(draft, version), problem: { code: 'database_unavailable', message } }
  }
}

async function confirm(
  draft: Draft,
  version: number,
  author: string,
  now: Date,
): Promise<PolicyState> {
  const parsed = parseDraft(draft)
  if ('problems' in parsed) return { ...editing(draft, version), problems: parsed.problems }
  try {
    const changed = await changePolicyAs(author, parsed.policy, version, now)
    revalidatePath('/control', 'layout')
    redirect(`/control?changed=${changed.version}`)
  } catch (error) {
    if (!(error instanceof PolicyConflict)) throw error
    const message = `Nothing was changed: the policy is at version ${error.current.version} now. Look at what your draft would do to it, and decide again.`
    return { ...(await previewing(draft, version, now)), problem: { code: error.code, message } }
  }
}

function versionIn(data: FormData): number | null {
  const text = data.get('expectedVersion')
  return typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : null
}

/**
 * Pins the operator's own device. Not an event: the feed tells what happened to people and to the policy, and
 * this moves nobody but the browser that asked for it, opens nothing, and is gone with its cookie.
 */
export async function pinThisDevice(_: FormState, data: FormData): Promise<FormState> {
  await requireOperator('/control/policy')
  const wanted = data.get('pin')
  if (wanted !== 'stytch' && wanted !== 'legacy' && wanted !== 'none') {
    const message = 'Choose Stytch, legacy or not pinned.'
    return { problem: { code: 'invalid_input', message } }
  }
  await pinDevice(wanted === 'none' ? null : wanted)
  revalidatePath('/control/policy')
  return { problem: null }
}
