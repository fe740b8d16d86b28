import 'server-only'
import { setTimeout as pause } from 'node:timers/promises'
import { config } from '../../config'
import { errorText } from '../../error-text'
import { perProcess } from '../../per-process'
import { recordEvent } from '../events'
import { prune } from '../retention'
import { drain } from './drain'
import { mirrorIsOn } from './enqueue'
import { closeQueue } from './queue'
import { sampleMirror } from './sample'

/** How long an empty queue is left alone. In milliseconds. */
const interval = 1_000
/** The same after an error, such as a database that is away. */
const errorInterval = 5_000
/** How often it looks whether this minute has a sample. In milliseconds. */
const sampleInterval = 15_000
/** How often what is too old is deleted, how soon again after an error, and how long it may take. In milliseconds. */
const pruneInterval = 60 * 60_000
const pruneErrorInterval = 60_000
const pruneBudget = 60_000

export type Worker = { stop(): Promise<void> }

/**
 * Deletes what is too old, and does the jobs of the mirror as they come, until it is stopped.
 * @param mirrors whether there are such jobs
 */
export function runWorker(mirrors = true): Worker {
  const stopping = new AbortController()
  const { signal } = stopping
  const rest = (milliseconds: number) =>
    pause(milliseconds, undefined, { signal }).catch(() => undefined)
  const work = async () => {
    let isSilent = false
    while (!signal.aborted) {
      try {
        const { pausedUntil } = await drain({ signal })
        isSilent = false
        await rest(Math.max(interval, pausedUntil ? pausedUntil.getTime() - Date.now() : 0))
      } catch (error) {
        // Said once, and not again every five seconds for as long as it lasts.
        if (!isSilent) console.error(`mirror: the worker waits: ${errorText(error)}`)
        isSilent = true
        await rest(errorInterval)
      }
    }
  }
  // Beside the work: while the legacy provider has us wait for minutes, the queue is worth a look most of all.
  const watch = async () => {
    while (!signal.aborted) {
      // The work has said it already when the database is away.
      await sampleMirror(new Date()).catch(() => undefined)
      await rest(sampleInterval)
    }
  }
  const keepHouse = async () => {
    while (!signal.aborted) {
      try {
        await prune(new Date(), new Date(Date.now() + pruneBudget))
        await rest(pruneInterval)
      } catch (error) {
        console.error(`retention: old rows are not deleted: ${errorText(error)}`)
        await rest(pruneErrorInterval)
      }
    }
  }
  const done = Promise.all(mirrors ? [keepHouse(), work(), watch()] : [keepHouse()])
  return {
    async stop() {
      stopping.abort()
      // The job that is being done has its deadlines; cut off all the same, it would be given back.
      await done
    },
  }
}

const running = perProcess<Worker | null>('mirror-worker', () => null)

/** Where a process is frozen between requests, timers do not run: there a cron job drains the queue. */
const isServerless = (): boolean =>
  Boolean(process.env.VERCEL || process.env.AWS_LAMBDA_FUNCTION_NAME || process.env.K_SERVICE)

/** Starts the worker of this server, if it is to have one. */
export function startWorker(): void {
  if (running.value || process.env.NEXT_PHASE === 'phase-production-build') return
  if (!mirrorIsOn()) {
    console.warn(
      'mirror: off. Set AUTH0_MANAGEMENT_CLIENT_ID and _SECRET before anybody signs up at Stytch.',
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
  const wanted = config().mirrorWorker
  if (wanted === 'off' || (wanted === '' && isServerless())) return
  const worker = runWorker(mirrorIsOn())
  running.value = worker
  const stop = () => void worker.stop().then(closeQueue)
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}
