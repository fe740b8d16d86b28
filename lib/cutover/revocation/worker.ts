import 'server-only'
import { setTimeout as pause } from 'node:timers/promises'
import { errorText } from '../../error-text'
import { perProcess } from '../../per-process'
import { hasWorker, type Worker } from '../mirror/worker'
import { drainRevocations } from './drain'
import { pollLegacyUsers } from './poll'

/** Delay before an empty queue is read again, and the same after an error. In milliseconds. */
const interval = 1_000
const errorInterval = 5_000
/** How often a turn of the poll is tried. AUTH0_POLL_SECONDS says when one is due. In milliseconds. */
const pollInterval = 15_000

/** Runs the revocation jobs and the poll until it is stopped. */
function runRevocationWorker(): Worker {
  const stopping = new AbortController()
  const { signal } = stopping
  const work = async () => {
    let isSilent = false
    while (!signal.aborted) {
      let delay = interval
      try {
        await drainRevocations({ signal })
        isSilent = false
      } catch (error) {
        // An error is logged once, and not every five seconds while it lasts.
        if (!isSilent)
          console.error(`revocation: the worker failed and retries: ${errorText(error)}`)
        isSilent = true
        delay = errorInterval
      }
      await pause(delay, undefined, { signal }).catch(() => undefined)
    }
  }
  const poll = async () => {
    while (!signal.aborted) {
      await pollLegacyUsers(new Date()).catch((error: unknown) =>
        console.error(`revocation: blocked users could not be looked up: ${errorText(error)}`),
      )
      await pause(pollInterval, undefined, { signal }).catch(() => undefined)
    }
  }
  const done = Promise.all([work(), poll()])
  return {
    async stop() {
      stopping.abort()
      await done
    },
  }
}

const running = perProcess<Worker | null>('revocation-worker', () => null)

/** Starts the worker of this server, where the worker of the mirror would run too. */
export function startRevocationWorker(): void {
  if (running.value || !hasWorker()) return
  const worker = runRevocationWorker()
  running.value = worker
  process.once('SIGTERM', () => void worker.stop())
  process.once('SIGINT', () => void worker.stop())
}
