import 'server-only'
import { setTimeout as delay } from 'node:timers/promises'
import { and, eq, isNotNull, isNull, sql } from 'drizzle-orm'
import { database } from '../../../db/database'
import { backfillRuns } from '../schema'

/** How often a paused process looks whether its run goes on. In milliseconds. */
const interval = 500

/**
 * Pauses the import of a run. No process claims a row from now on. Each finishes the rows that it holds.
 * @returns false unless the import runs
 */
export const pauseRun = (runId: string): Promise<boolean> => setPaused(runId, true)

/** @returns false unless the import is paused */
export const resumeRun = (runId: string): Promise<boolean> => setPaused(runId, false)

async function setPaused(runId: string, isPaused: boolean): Promise<boolean> {
  const db = await database()
  const { pausedAt } = backfillRuns
  const changed = await db
    .update(backfillRuns)
    .set({ pausedAt: isPaused ? sql`now()` : null })
    .where(
      and(
        eq(backfillRuns.id, runId),
        eq(backfillRuns.state, 'running'),
        isPaused ? isNull(pausedAt) : isNotNull(pausedAt),
      ),
    )
    .returning({ id: backfillRuns.id })
  return changed.length > 0
}

/** Makes the workers of one process wait while their run is paused. */
export type PauseWatch = {
  /** Ends at once unless the run is paused. */
  untilResumed: () => Promise<void>
  /** Lets all workers go, because the process ends. */
  stop: () => void
}

export function createPauseWatch(
  runId: string,
  onPause: (isPaused: boolean) => void = () => {},
): PauseWatch {
  const stopped = new AbortController()
  const { signal } = stopped
  let waiting: Promise<void> | null = null

  async function wait(): Promise<void> {
    let wasPaused = false
    while (!signal.aborted && (await isPaused(runId))) {
      if (!wasPaused) onPause(true)
      wasPaused = true
      await delay(interval, undefined, { signal }).catch(() => undefined)
    }
    if (wasPaused && !signal.aborted) onPause(false)
  }
  return {
    /** One worker asks the database for all. */
    untilResumed() {
      waiting ??= wait().finally(() => {
        waiting = null
      })
      return waiting
    },
    stop: () => stopped.abort(),
  }
}

async function isPaused(runId: string): Promise<boolean> {
  const db = await database()
  const isIt = and(eq(backfillRuns.id, runId), isNotNull(backfillRuns.pausedAt))
  return (await db.$count(backfillRuns, isIt)) > 0
}
