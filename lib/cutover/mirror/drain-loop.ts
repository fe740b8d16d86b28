import { setTimeout as pause } from 'node:timers/promises'
import { errorText } from '../../error-text'

/** Delay before an empty queue is read again. In milliseconds. */
const interval = 1_000
/** The same after an error, such as an unavailable database. */
const errorInterval = 5_000

/** Waits for a time in milliseconds, or until `signal` is aborted. */
export const rest = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  pause(milliseconds, undefined, { signal }).catch(() => undefined)

/** One turn of a queue. `pausedUntil` is set when a rate limit stops it. */
export type Drain = () => Promise<{ done: number; pausedUntil?: Date | null }>

/**
 * Drains a queue again and again until `signal` is aborted.
 * @param name of the queue, for the log
 */
export async function drainUntilStopped(
  name: string,
  signal: AbortSignal,
  drain: Drain,
): Promise<void> {
  let isSilent = false
  while (!signal.aborted) {
    try {
      const { pausedUntil } = await drain()
      isSilent = false
      await rest(Math.max(interval, pausedUntil ? pausedUntil.getTime() - Date.now() : 0), signal)
    } catch (error) {
      // An error is logged once, and not every five seconds while it lasts.
      if (!isSilent) console.error(`${name}: the worker failed and retries: ${errorText(error)}`)
      isSilent = true
      await rest(errorInterval, signal)
    }
  }
}
