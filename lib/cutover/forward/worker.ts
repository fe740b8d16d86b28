import 'server-only'
import { perProcess } from '../../per-process'
import { runPollingWorker } from '../mirror/polling-worker'
import { hasWorker, type Worker } from '../mirror/worker'
import { drainForward } from './drain'
import { forwardIsOn } from './forward-jobs'
import { pollForward } from './poll'

/** Runs the forward writes and their poll until it is stopped. */
export const runForwardWorker = (): Worker =>
  runPollingWorker('forward', drainForward, pollForward, 'changed users could not be looked up')

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
