import 'server-only'
import { createHash } from 'node:crypto'
import { and, count, eq, notInArray, sql } from 'drizzle-orm'
import { type Database, database } from '../../../db/database'
import { backfillRows, backfillRuns } from '../schema'
import { type Outcome, outcomes } from './outcome'

export type OutcomeCounts = Partial<Record<Outcome, number>>

/** The rows that one statement deletes, within the time-out of a statement. */
const deleteBatchSize = 5_000

/** The same files are the same run, wherever they lie and whether they are packed. */
export const runIdOf = (usersDigest: string, hashesDigest: string | null): string =>
  `run_${createHash('sha256').update(`${usersDigest}\n${hashesDigest}`).digest('hex').slice(0, 16)}`

/** Two plans of the same files at once would write the same rows. */
export class PlanInProgress extends Error {
  readonly code = 'plan_in_progress'
  constructor() {
    super('Another process plans the same files. Wait for it, and run the command again.')
    this.name = 'PlanInProgress'
  }
}

/** The import of a run has begun, so its rows are the only record of what it created. */
export class RunStarted extends Error {
  readonly code = 'run_started'
  constructor(runId: string) {
    super(`The import of ${runId} has begun. It can only be continued or undone.`)
    this.name = 'RunStarted'
  }
}

/** Until the end of the transaction. @throws {PlanInProgress} */
export async function lockRun(tx: Database, runId: string): Promise<void> {
  const { rows } = await tx.execute<{ locked: boolean }>(
    sql`select pg_try_advisory_xact_lock(hashtext(${runId})) locked`,
  )
  if (!rows[0]?.locked) throw new PlanInProgress()
}

/** Deletes a run that no import has begun. @throws {RunStarted} */
export async function removeUnusedRun(tx: Database, runId: string): Promise<void> {
  // The lock of the row makes an import wait that begins now.
  const [run] = await tx.select().from(backfillRuns).where(eq(backfillRuns.id, runId)).for('update')
  const isUsed = and(
    eq(backfillRows.runId, runId),
    notInArray(backfillRows.state, ['planned', 'skipped']),
  )
  if (run?.state !== 'planned' || (await tx.$count(backfillRows, isUsed)) > 0) {
    throw new RunStarted(runId)
  }
  for (let deleted = deleteBatchSize; deleted === deleteBatchSize; ) {
    const { rowCount } = await tx.execute(sql`
      delete from ${backfillRows} where ctid = any (array(
        select ctid from ${backfillRows} where run_id = ${runId} limit ${deleteBatchSize}))`)
    deleted = rowCount ?? 0
  }
  await tx.delete(backfillRuns).where(eq(backfillRuns.id, runId))
}

export async function findRun(runId: string) {
  const db = await database()
  const [run] = await db.select().from(backfillRuns).where(eq(backfillRuns.id, runId))
  return run ?? null
}

/** Notes the new place of files that were moved. Their digests are the same, so the lines are where they were. */
export async function moveRun(
  runId: string,
  files: { usersFile: string; hashesFile: string | null },
): Promise<void> {
  const db = await database()
  await db.update(backfillRuns).set(files).where(eq(backfillRuns.id, runId))
}

export async function countOutcomes(runId: string): Promise<OutcomeCounts> {
  const db = await database()
  const rows = await db
    .select({ outcome: backfillRows.outcome, number: count() })
    .from(backfillRows)
    .where(eq(backfillRows.runId, runId))
    .groupBy(backfillRows.outcome)
  const found = new Map(rows.map(({ outcome, number }) => [outcome, number]))
  return Object.fromEntries(
    outcomes.flatMap((outcome) => (found.has(outcome) ? [[outcome, found.get(outcome)]] : [])),
  )
}
