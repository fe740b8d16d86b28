import 'server-only'
import { eq } from 'drizzle-orm'
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
  const finishedAt = state === 'running' ? null : new Date()
  const db = await database()
  await db.update(backfillRuns).set({ state, finishedAt }).where(eq(backfillRuns.id, runId))
}
