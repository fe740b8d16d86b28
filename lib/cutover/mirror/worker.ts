import 'server-only'
import { errorText } from '../../error-text'
import { perProcess } from '../../per-process'
import { cutoverConfig } from '../config'
import { recordEvent } from '../events/record'
import { prune } from '../retention'
import { drain } from './drain'
import { drainUntilStopped, rest } from './drain-loop'
import { mirrorIsOn } from './enqueue'
import { sampleMirror } from './sample'

/** Delay between two samples. Several instances share one sample a minute. In milliseconds. */
const sampleInterval = 15_000
/** Delay between two deletions of old rows, the same after an error, and the time limit. In milliseconds. */
const pruneInterval = 60 * 60_000
const pruneErrorInterval = 60_000
const pruneBudget = 60_000

export type Worker = { stop(): Promise<void> }

/**
 * Deletes old rows and runs the mirror jobs until it is stopped.
 * @param mirrors false when the mirror is off. The worker then only deletes old rows.
 */
export function runWorker(mirrors = true): Worker {
  const stopping = new AbortController()
  const { signal } = stopping
  const work = () => drainUntilStopped('mirror', signal, () => drain({ signal }))
  // Runs beside the jobs, because samples must not stop while a rate limit pauses the jobs.
  const watch = async () => {
    while (!signal.aborted) {
      // The loop above logs the same error.
      await sampleMirror(new Date()).catch(() => undefined)
      await rest(sampleInterval, signal)
    }
  }
  const pruneHourly = async () => {
    while (!signal.aborted) {
      try {
        await prune(new Date(), new Date(Date.now() + pruneBudget))
        await rest(pruneInterval, signal)
      } catch (error) {
        console.error(`retention: old rows could not be deleted: ${errorText(error)}`)
        await rest(pruneErrorInterval, signal)
      }
    }
  }
  const done = Promise.all(mirrors ? [pruneHourly(), work(), watch()] : [pruneHourly()])
  return {
    async stop() {
      stopping.abort()
      // Waits for the running job. A job that is killed runs again later.
      await done
    },
  }
}

const running = perProcess<Worker | null>('mirror-worker', () => null)

/** A serverless host freezes the process between requests, and no timer runs. A cron job drains the queue there. */
const isServerless = (): boolean =>
  Boolean(process.env.VERCEL || process.env.AWS_LAMBDA_FUNCTION_NAME || process.env.K_SERVICE)

/** Whether this server runs jobs in the background. Elsewhere a cron job or another process runs them. */
export function hasWorker(): boolean {
  if (process.env.NEXT_PHASE === 'phase-production-build') return false
  const wanted = cutoverConfig().mirrorWorker
  return wanted === 'on' || (wanted === '' && !isServerless())
}

/**
 * Starts the worker of this server, unless the mirror or the worker is switched off.
 * @returns null if it starts none
 */
export function startWorker(): Worker | null {
  if (running.value || process.env.NEXT_PHASE === 'phase-production-build') return null
  if (!mirrorIsOn()) {
    console.warn(
      'mirror: off. Set AUTH0_MANAGEMENT_CLIENT_ID and AUTH0_MANAGEMENT_CLIENT_SECRET before users sign up at Stytch.',
    )
    void recordEvent({
      at: new Date(),
      kind: 'mirror',
      accountId: null,
      issuer: null,
      subject: null,
      lane: 'anonymous',
      result: 'off',
      reason: 'not_configured',
      milliseconds: 0,
      policyVersion: 0,
    })
  }
  if (!hasWorker()) return null
  running.value = runWorker(mirrorIsOn())
  return running.value
}
