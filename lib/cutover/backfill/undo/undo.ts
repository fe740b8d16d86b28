import 'server-only'
import { and, eq, sql } from 'drizzle-orm'
import { database, inTransaction } from '../../../db/database'
import { externalIdOf } from '../../migration/external-id'
import { sightingsKeptDays } from '../../retention'
import { BackfillRefused } from '../import/backfill-refused'
import { type BackfillRun, readRun, refuseLiveKeys, setState } from '../import/backfill-run'
import { createLimiter, type Limiter } from '../import/limiter'
import { settleRows, type WorkOptions } from '../import/row-workers'
import {
  type ClaimedRow,
  countRows,
  keptPrefix,
  nextDue,
  type RowCounts,
  type Settlement,
  toUndo,
} from '../import/rows'
import { deleteUser, findUser } from '../import/stytch-users'
import { backfillRows } from '../schema'
import { forgetUser, type Usage, usageAtStytch } from './usage'

export type UndoOptions = WorkOptions & {
  runId: string
  /** Must be true with live keys. */
  live?: boolean
  /** Calls a second, by all processes together. The rate of the plan by default. */
  rate?: number
  now?: Date
  /** Tests replace it. */
  call?: Limiter
}

export type UndoResult = {
  runId: string
  isDone: boolean
  /** Rows that this process settled. */
  settled: number
  /** All rows of the run. Those that stay have a reason that begins with `kept_`. */
  counts: RowCounts
}

const dayMilliseconds = 24 * 60 * 60 * 1_000

/**
 * Deletes the users that a run made and that nobody has used, at Stytch and here. To run it again is to resume.
 *
 * A sign-in between the last look and the deletion is lost: the user signs in at the legacy provider again.
 * @throws {BackfillRefused} and the errors of {@link settleRows}
 */
export async function undoRun(options: UndoOptions): Promise<UndoResult> {
  refuseLiveKeys(options.live)
  const { runId, now = new Date() } = options
  const run = await readRun(runId)
  const age = now.getTime() - run.createdAt.getTime()
  if (age > sightingsKeptDays * dayMilliseconds) throw new BackfillRefused('run_too_old')
  // From now on no import claims a row of this run.
  await setState(runId, 'undone')
  await lookAgain(runId)
  const rate = options.rate ?? run.rate
  const call = options.call ?? createLimiter(rate)
  const settled = await settleRows({
    ...options,
    rate,
    waiting: toUndo,
    maximumAttempts: Number.POSITIVE_INFINITY,
    settle: (row) => undoRow(row, run, call),
    refused: (code) => ({ state: 'failed', reason: `${keptPrefix}${code}` }),
  })
  const isDone = (await nextDue(runId, toUndo)) === null
  return { runId, isDone, settled, counts: await countRows(runId) }
}

/** An earlier undo left these users alone. */
async function lookAgain(runId: string): Promise<void> {
  const db = await database()
  await db
    .update(backfillRows)
    .set({ reason: null })
    .where(and(eq(backfillRows.runId, runId), sql`starts_with(reason, ${keptPrefix})`))
}

const kept = (usage: Usage): Settlement => ({ state: 'done', reason: `${keptPrefix}${usage}` })
const undone: Settlement = { state: 'undone', reason: null }

async function undoRow(row: ClaimedRow, run: BackfillRun, call: Limiter): Promise<Settlement> {
  // An attempt that failed may have made the user, so the external id finds it.
  const id = row.stytchUserId ?? externalIdOf(row.subject)
  const user = id === null ? null : await findUser(call, id)
  if (!user) return undone
  const hadHash = row.hashOffset !== null
  const usage =
    (await usageAtStytch(user, { runId: run.id, hadHash, call })) ??
    (await inTransaction((tx) =>
      forgetUser(tx, user.id, { subject: row.subject, plannedAt: run.createdAt }),
    ))
  if (usage) return kept(usage)
  await deleteUser(call, user.id)
  return undone
}
