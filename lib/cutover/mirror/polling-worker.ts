import 'server-only'
import { errorText } from '../../error-text'
import { type Drain, drainUntilStopped, rest } from './drain-loop'
import type { Worker } from './worker'

/** How often a turn of a poll is tried. AUTH0_POLL_SECONDS says when one is due. In milliseconds. */
const pollInterval = 15_000

/**
 * Runs the jobs of a queue, and the poll that finds more of them, until it is stopped.
 * @param name of the queue, for the log
 * @param complaint what the log says when the poll fails
 */
export function runPollingWorker(
  name: string,
  drain: (options: { signal: AbortSignal }) => ReturnType<Drain>,
  poll: (now: Date) => Promise<unknown>,
  complaint: string,
): Worker {
  const stopping = new AbortController()
  const { signal } = stopping
  const work = () => drainUntilStopped(name, signal, () => drain({ signal }))
  const look = async () => {
    while (!signal.aborted) {
      await poll(new Date()).catch((error: unknown) =>
        console.error(`${name}: ${complaint}: ${errorText(error)}`),
      )
      await rest(pollInterval, signal)
    }
  }
  const done = Promise.all([work(), look()])
  return {
    async stop() {
      stopping.abort()
      await done
    },
  }
}
