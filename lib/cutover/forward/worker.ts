import 'server-only'
import { errorText } from '../../error-text'
import { perProcess } from '../../per-process'
import { drainUntilStopped, rest } from '../mirror/drain-loop'
import { hasWorker, type Worker } from '../mirror/worker'
import { drainForward } from './drain'
import { forwardIsOn } from './forward-jobs'
import { pollForward } from './poll'

/** How often a turn of the poll is tried. AUTH0_POLL_SECONDS says when one is due. In milliseconds. */
const pollInterval = 15_000

/** Runs the forward writes and their poll until it is stopped. */
export function runForwardWorker(): Worker {
  const stopping = new AbortController()
  const { signal } = stopping
  const work = () => drainUntilStopped('forward', signal, () => drainForward({ signal }))
  const poll = async () => {
    while (!signal.aborted) {
      await pollForward(new Date()).catch((error: unknown) =>
        console.error(`forward: changed users could not be looked up: ${errorText(error)}`),
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

const running = perProcess<Worker | null>('forward-worker', () => null)

/**
 * Starts the worker of this server, where the worker of the mirror would run too.
 * @returns null if it starts none
 */
export function startForwardWorker(): Worker | null {
  if (running.value || !hasWorker() || !forwardIsOn()) return null
  running.value = runForwardWorker()
  return running.value
}
