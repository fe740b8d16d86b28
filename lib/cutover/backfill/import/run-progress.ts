import 'server-only'
import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { database } from '../../../db/database'

/** How often the rows that other processes have settled are counted, in milliseconds. */
const usualInterval = 5_000
/** Counting a million rows takes about a second. The pauses between two counts are this many times longer. */
const restFactor = 10

export type RunProgress = {
  /** Settled rows, by all processes. */
  done: number
  /** The rows that the plan gave to the import. */
  total: number
}

/** The same figures as on the page of the control room. */
export async function readRunProgress(runId: string): Promise<RunProgress> {
  const db = await database()
  const { rows } = await db.execute<RunProgress>(sql`
    select count(*) filter (where state not in ('planned', 'claimed'))::int as done, count(*)::int as total
    from backfill_rows where run_id = ${runId} and (attempts > 0 or state <> 'skipped')`)
  return rows[0] ?? { done: 0, total: 0 }
}

/**
 * Follows the progress of a run to which several processes contribute.
 * @param show gets the progress, and the rows that were settled before this process began
 */
export async function watchRunProgress(
  runId: string,
  show: (progress: RunProgress & { before: number }) => void,
  interval = usualInterval,
): Promise<{ addSettled(): void; stop(): void }> {
  const stopped = new AbortController()
  const { signal } = stopped
  const first = await readRunProgress(runId)
  let last = first
  /** Rows that this process has settled since the last count. */
  let own = 0
  const update = () => {
    const done = Math.min(last.done + own, last.total)
    show({ done, total: last.total, before: first.done })
  }

  async function follow(): Promise<void> {
    let took = 0
    while (!signal.aborted) {
      await delay(Math.max(interval, took * restFactor), undefined, { signal })
      const [started, counted] = [Date.now(), own]
      last = await readRunProgress(runId)
      took = Date.now() - started
      own -= counted
      if (!signal.aborted) update()
    }
  }
  // Without the database, the import itself ends with the error.
  void follow().catch(() => undefined)
  return {
    addSettled() {
      own += 1
      update()
    },
    stop: () => stopped.abort(),
  }
}
