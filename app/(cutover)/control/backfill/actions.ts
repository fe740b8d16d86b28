'use server'

import { revalidatePath } from 'next/cache'
import { headers } from 'next/headers'
import { unstable_rethrow } from 'next/navigation'
import { z } from 'zod'
import { pauseRunAs } from '@/lib/cutover/backfill/import/pause-as'
import { errorText } from '@/lib/error-text'
import { requestTime } from '@/lib/request/clock'
import { requireOperator } from '../operator'

/** Result of a pause: a message on success, or a problem. */
export type PauseState = {
  message: string | null
  problem: { code: string; message: string } | null
}

const posted = z.object({
  runId: z.string().regex(/^[\w-]{1,64}$/),
  intent: z.enum(['pause', 'resume']),
})

/** Pauses or resumes the import of a run. */
export async function changePause(_: PauseState, data: FormData): Promise<PauseState> {
  const author = await requireOperator('/control/backfill')
  const parsed = posted.safeParse(Object.fromEntries(data))
  if (!parsed.success) return problem('invalid_input', 'Reload this page and try again.')
  const { runId, intent } = parsed.data
  const pause = intent === 'pause'
  try {
    const now = requestTime(await headers())
    const isChanged = await pauseRunAs(author, { runId, pause, now })
    revalidatePath('/control/backfill')
    if (!isChanged) {
      const message = `The run is not ${pause ? 'running' : 'paused'} any more. Another operator may have been faster.`
      return problem('run_not_running', message)
    }
    const message = pause
      ? 'Paused. Each process finishes the users that it has begun, and waits.'
      : 'Resumed. Processes that wait go on within a second. If none waits, run the command below.'
    return { message, problem: null }
  } catch (error) {
    unstable_rethrow(error)
    console.error(`control: ${errorText(error)}`)
    return problem('database_unavailable', 'The database does not answer. Nothing was changed.')
  }
}

const problem = (code: string, message: string): PauseState => ({
  message: null,
  problem: { code, message },
})
