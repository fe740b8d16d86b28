import type { JobWithMetadata, PgBoss } from 'pg-boss'

/** No job starts after `until`, or after `signal` is aborted. */
export type DrainLimits = { until?: Date | null; signal?: AbortSignal }

/**
 * Fetches the due jobs of a queue, one after the other, until none is left. The caller completes each job, or lets it
 * fail, before it takes the next one.
 */
export async function* dueJobs<T>(
  boss: PgBoss,
  queue: string,
  { until = null, signal }: DrainLimits,
): AsyncGenerator<JobWithMetadata<T>> {
  while (!signal?.aborted && (!until || new Date() < until)) {
    const [job] = await boss.fetch<T>(queue, { includeMetadata: true })
    if (!job) return
    yield job
  }
}

/** Interval of the maintenance of a queue, which requeues the jobs of stopped workers. In milliseconds. */
const maintenanceInterval = 30_000

/** Returns a function that says whether the maintenance is due, and notes that it takes place. */
export function maintenanceTimer(): () => boolean {
  let maintainedAt = Number.NEGATIVE_INFINITY
  return () => {
    if (performance.now() - maintainedAt < maintenanceInterval) return false
    maintainedAt = performance.now()
    return true
  }
}
