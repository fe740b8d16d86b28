import 'server-only'
import { eq, sql } from 'drizzle-orm'
import { config } from '../../../config'
import { database } from '../../../db/database'
import { backfillRuns } from '../schema'
import { BackfillRefused } from './backfill-refused'

export type BackfillRun = typeof backfillRuns.$inferSelect

/** @throws {BackfillRefused} */
export function refuseLiveKeys(live = false): void {
  if (config().stytch.kind === 'live' && !live) throw new BackfillRefused('live_keys')
}

/** A run with the files of users. @throws {BackfillRefused} */
export async function readRun(
  runId: string,
  kind: BackfillRun['kind'] = 'users',
): Promise<BackfillRun> {
  const db = await database()
  const [run] = await db.select().from(backfillRuns).where(eq(backfillRuns.id, runId))
  if (run?.kind !== kind) throw new BackfillRefused('run_unknown')
  return run
}

export async function setState(runId: string, state: BackfillRun['state']): Promise<void> {
  const db = await database()
  const change =
    state === 'running'
      ? { startedAt: sql`coalesce(started_at, now())`, finishedAt: null }
      : { pausedAt: null, finishedAt: new Date() }
  await db
    .update(backfillRuns)
    .set({ state, ...change })
    .where(eq(backfillRuns.id, runId))
}

/** Notes the rate that an import was given. */
export async function setRate(runId: string, rate: number): Promise<void> {
  const db = await database()
  await db.update(backfillRuns).set({ rate }).where(eq(backfillRuns.id, runId))
}
