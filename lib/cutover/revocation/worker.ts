import 'server-only'
import { errorText } from '../../error-text'
import { perProcess } from '../../per-process'
import { drainUntilStopped, rest } from '../mirror/drain-loop'
import { hasWorker, type Worker } from '../mirror/worker'
import { drainRevocations } from './drain'
import { pollLegacyUsers } from './poll'

/** How often a turn of the poll is tried. AUTH0_POLL_SECONDS says when one is due. In milliseconds. */
const pollInterval = 15_000

/** Runs the revocation jobs and the poll until it is stopped. */
export function runRevocationWorker(): Worker {
  const stopping = new AbortController()
  const { signal } = stopping
  const work = () => drainUntilStopped('revocation', signal, () => drainRevocations({ signal }))
  const poll = async () => {
    while (!signal.aborted) {
      await pollLegacyUsers(new Date()).catch((error: unknown) =>
        console.error(`revocation: blocked users could not be looked up: ${errorText(error)}`),
      )
      await rest(pollInterval, signal)
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

/**
 * Starts the worker of this server, where the worker of the mirror would run too.
 * @returns null if it starts none
 */
export function startRevocationWorker(): Worker | null {
  if (running.value || !hasWorker()) return null
  running.value = runRevocationWorker()
  return running.value
}
