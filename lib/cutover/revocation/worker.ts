import 'server-only'
import { perProcess } from '../../per-process'
import { runPollingWorker } from '../mirror/polling-worker'
import { hasWorker, type Worker } from '../mirror/worker'
import { drainRevocations } from './drain'
import { pollLegacyUsers } from './poll'

/** Runs the revocation jobs and the poll until it is stopped. */
export const runRevocationWorker = (): Worker =>
  runPollingWorker(
    'revocation',
    drainRevocations,
    pollLegacyUsers,
    'blocked users could not be looked up',
  )

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
