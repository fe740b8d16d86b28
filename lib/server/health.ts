import 'server-only'
import { sql } from 'drizzle-orm'
import { config } from '../config'
import { hasConsumers } from '../consumers'
import { database } from '../db/database'
import { readDeployment } from '../deployment'
import { perProcess } from '../per-process'
import { migrationChecks, migrationStatus } from '../seam'
import { teamChecks } from '../teams'

/** Deadline of each check. In milliseconds. */
const deadline = 2_000
/** How long a result is cached. Anybody may call the route, so each call must not cause a check. In milliseconds. */
const cachedFor = 1_000

export type Health = { ok: boolean } & Record<string, string | boolean>

const latest = perProcess<{ at: number; health: Promise<Health> } | null>('health', () => null)

/** Checks every dependency of this app. Each has an entry: `ok`, or the problem. */
export function readDependencies(): Promise<Health> {
  if (!latest.value || Date.now() - latest.value.at > cachedFor) {
    latest.value = { at: Date.now(), health: checkDependencies() }
  }
  return latest.value.health
}

async function checkDependencies(): Promise<Health> {
  const { apiUrl, projectId } = config().stytch
  const checks: Record<string, () => Promise<unknown>> = {
    database: queryDatabase,
    ...(hasConsumers && { stytch: () => fetchKeys(`${apiUrl}/v1/sessions/jwks/${projectId}`) }),
    ...teamChecks(fetchKeys),
    ...migrationChecks(fetchKeys),
  }
  const lines = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await outcomeOf(check)] as const),
  )
  const ok = lines.every(([, outcome]) => outcome === 'ok')
  const { environment, stytchProject, warning } = readDeployment(config())
  return {
    ok,
    ...Object.fromEntries(lines),
    environment,
    stytchProject,
    ...migrationStatus(),
    ...(warning && { warning: warning.code }),
  }
}

const isReady = perProcess('ready', () => false)

/**
 * Checks whether this instance can take requests. It must have reached the database once since it started. Later
 * failures of the database or a provider do not count. Otherwise an outage would remove every instance from the load
 * balancer at once, and with them the pages that still work.
 */
export async function readReadiness(): Promise<Health> {
  isReady.value ||= (await outcomeOf(queryDatabase)) === 'ok'
  return { ok: isReady.value, database: isReady.value ? 'ok' : 'not reached since the start' }
}

async function queryDatabase(): Promise<unknown> {
  return (await database()).execute(sql`select 1`)
}

async function fetchKeys(url: string): Promise<void> {
  const response = await fetch(url, { cache: 'no-store', signal: AbortSignal.timeout(deadline) })
  if (!response.ok) throw new Error(`status ${response.status}`)
}

async function outcomeOf(check: () => Promise<unknown>): Promise<string> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${deadline} ms`), deadline)
  })
  const answer = check().then(
    () => 'ok',
    // Shows only the name of the error, because its message may contain internal hosts.
    (error: Error & { code?: string }) =>
      error.code === 'database_outdated'
        ? 'not up to date: run `npm run db:migrate`'
        : error.code === 'database_circuit_open'
          ? 'does not answer (circuit breaker open)'
          : `does not answer (${error.name})`,
  )
  return Promise.race([answer, late]).finally(() => clearTimeout(timer))
}

export const healthResponse = (health: Health): Response =>
  new Response(`${JSON.stringify(health, null, 2)}\n`, {
    status: health.ok ? 200 : 503,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  })
