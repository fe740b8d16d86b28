'use server'

import { revalidatePath } from 'next/cache'
import { unstable_rethrow } from 'next/navigation'
import { z } from 'zod'
import { retryDeadJob, retryWaitingJobs } from '@/lib/cutover/mirror/status'
import { counted } from '@/lib/cutover/policy/describe'
import { errorText } from '@/lib/error-text'
import { requireOperator } from '../operator'

/** What became of it, or what went wrong. */
export type RetryState = {
  done: string | null
  problem: { code: string; message: string } | null
}

/** Puts a job that was given up back into the queue. */
export async function retryJob(_: RetryState, data: FormData): Promise<RetryState> {
  await requireOperator('/control/mirror')
  const id = z.uuid().safeParse(data.get('id'))
  if (!id.success) {
    const message = 'That is no job. Load this page again.'
    return { done: null, problem: { code: 'invalid_input', message } }
  }
  return attempt(async () =>
    (await retryDeadJob(id.data))
      ? 'The job is back in the queue.'
      : 'The job is not among those that were given up any more: somebody else was faster.',
  )
}

/** Makes every job that waits for its next attempt due now. */
export async function retryAllNow(): Promise<RetryState> {
  await requireOperator('/control/mirror')
  return attempt(async () => {
    const count = await retryWaitingJobs()
    return count === 0
      ? 'No job waited for its next attempt.'
      : `${counted(count, 'job is', 'jobs are')} due now.`
  })
}

async function attempt(work: () => Promise<string>): Promise<RetryState> {
  try {
    const done = await work()
    revalidatePath('/control/mirror')
    return { done, problem: null }
  } catch (error) {
    unstable_rethrow(error)
    console.error(`control: ${errorText(error)}`)
    const message =
      'The database cannot be reached. The jobs are safe in it: try again in a moment.'
    return { done: null, problem: { code: 'database_unavailable', message } }
  }
}
