import 'server-only'
import { setTimeout as pause } from 'node:timers/promises'
import { ConfigError } from '../environment'
import { legacyConfig, parseLegacyConfig } from '../legacy/config'
import { legacyProvider } from '../legacy/configured-provider'
import { parseCutoverConfig } from './config'
import { startForwardWorker } from './forward/worker'
import { mirrorIsOn } from './mirror/enqueue'
import { closeQueue } from './mirror/queue'
import { startWorker, type Worker } from './mirror/worker'
import { parseFallback } from './policy/source'
import { startRevocationWorker } from './revocation/worker'

/** Checks the settings of the legacy provider and of the migration. Returns the problems as sentences for operators. */
export function migrationConfigProblems(): string[] {
  const product = {
    sandbox: process.env.SANDBOX === 'true',
    appBaseUrl: process.env.APP_BASE_URL ?? '',
  }
  const checks = [
    () => parseLegacyConfig(process.env, product),
    () => parseCutoverConfig(process.env, product),
    () => parseFallback(process.env.POLICY_FALLBACK ?? ''),
  ]
  return checks.flatMap((check) => {
    try {
      check()
      return []
    } catch (error) {
      if (error instanceof ConfigError) return error.problems
      throw error
    }
  })
}

/** How long the running jobs may take when the server stops. Kubernetes waits 30 seconds. In milliseconds. */
const stopMilliseconds = 20_000

/** Starts the workers, and stops them with the server. Call it once, when the server starts. */
export function startBackgroundWork(): void {
  const workers = [startWorker(), startRevocationWorker(), startForwardWorker()].filter(
    (worker) => worker !== null,
  )
  if (workers.length === 0) return
  const stop = () => void stopWorkers(workers)
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}

/**
 * Stops the workers, waits for their running jobs, and closes the queue that they share. Without the wait, a job could
 * not record that it is done, and would run again. A job that takes longer than the deadline runs again later.
 */
export async function stopWorkers(workers: Worker[], milliseconds = stopMilliseconds) {
  const stopped = Promise.all(workers.map((worker) => worker.stop()))
  await Promise.race([stopped, pause(milliseconds, undefined, { ref: false })])
  await closeQueue()
}

/** The checks of the health route for the dependencies of the migration. */
export const migrationChecks = (
  fetchKeys: (url: string) => Promise<void>,
): Record<string, () => Promise<unknown>> => {
  const { check } = legacyProvider()
  return check ? { legacy: () => check(fetchKeys) } : {}
}

/** The state of the migration in the response of the health route. The login redirects to the tenant, so it is public. */
export function migrationStatus(): Record<string, string> {
  const { provider, issuer } = legacyConfig()
  return {
    mirror: mirrorIsOn() ? 'on' : 'off',
    ...(provider === 'auth0'
      ? { auth0Tenant: new URL(issuer).host }
      : { legacyProvider: provider }),
  }
}
