'use server'

import { revalidatePath } from 'next/cache'
import { unstable_rethrow } from 'next/navigation'
import { z } from 'zod'
import { retryDeadJob, retryWaitingJobs } from '@/lib/cutover/mirror/status'
import { pluralize } from '@/lib/cutover/policy/describe'
import { errorText } from '@/lib/error-text'
import { requireOperator } from '../operator'

/** Result of a retry: a message on success, or a problem. */
export type RetryState = {
  message: string | null
  problem: { code: string; message: string } | null
}

/** Moves a dead job back into the queue. */
export async function retryJob(_: RetryState, data: FormData): Promise<RetryState> {
  await requireOperator('/control/mirror')
  const id = z.uuid().safeParse(data.get('id'))
  if (!id.success) {
    const message = 'This is not a valid job id. Reload this page and try again.'
    return { message: null, problem: { code: 'invalid_input', message } }
  }
  return runRetry(async () =>
    (await retryDeadJob(id.data))
      ? 'The job is back in the queue.'
      : 'The job is no longer in the list of dead jobs. Another operator may have retried it.',
  )
}

/** Makes every job that waits for a retry due now. */
export async function retryAllNow(): Promise<RetryState> {
  await requireOperator('/control/mirror')
  return runRetry(async () => {
    const count = await retryWaitingJobs()
    return count === 0
      ? 'No job was waiting for a retry.'
      : `${pluralize(count, 'job is', 'jobs are')} due now.`
  })
}

async function runRetry(retry: () => Promise<string>): Promise<RetryState> {
  try {
    const message = await retry()
    revalidatePath('/control/mirror')
    return { message, problem: null }
  } catch (error) {
    unstable_rethrow(error)
    console.error(`control: ${errorText(error)}`)
    const message = 'The database does not answer. No job was lost. Try again in a moment.'
    return { message: null, problem: { code: 'database_unavailable', message } }
  }
}
