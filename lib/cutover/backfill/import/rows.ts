import 'server-only'
import { and, eq, type SQL, sql } from 'drizzle-orm'
import { database } from '../../../db/database'
import { backfillRows } from '../schema'

/** A row that this process has claimed. `attempts` is its fencing token, since each claim increases it. */
export type ClaimedRow = Pick<
  typeof backfillRows.$inferSelect,
  | 'runId'
  | 'subject'
  | 'outcome'
  | 'userOffset'
  | 'userLength'
  | 'hashOffset'
  | 'hashLength'
  | 'stytchUserId'
  | 'madeUser'
  | 'attempts'
>

/** How a row ends, or when it is due again. `reason` is a code. */
export type Settlement = {
  state: 'planned' | 'done' | 'skipped' | 'failed' | 'undone'
  reason: string | null
  stytchUserId?: string | null
  madeUser?: boolean
  /** The hash of the file is that of an old password, so nothing may bring it to Stytch any more. */
  isHashOld?: boolean
  /** For `planned`: the time until the next attempt. */
  retryMilliseconds?: number
}

const columns = {
  runId: backfillRows.runId,
  subject: backfillRows.subject,
  outcome: backfillRows.outcome,
  userOffset: backfillRows.userOffset,
  userLength: backfillRows.userLength,
  hashOffset: backfillRows.hashOffset,
  hashLength: backfillRows.hashLength,
  stytchUserId: backfillRows.stytchUserId,
  madeUser: backfillRows.madeUser,
  attempts: backfillRows.attempts,
}

/** Rows that the import has still to settle. Undo ends an import that runs. @param only no other row */
export const toImport = (only: string | null): SQL => sql`
  state in ('planned', 'claimed') and ${only === null ? sql`true` : sql`subject = ${only}`}
  and exists (select from backfill_runs where id = run_id and backfill_runs.state <> 'undone')`

/** No row is claimed while its run is paused. */
export const isNotPaused: SQL = sql`
  not exists (select from backfill_runs where id = run_id and paused_at is not null)`

/** The reasons of rows that undo leaves alone begin with it. */
export const keptPrefix = 'kept_'

/** Rows that undo has still to settle: a call of the import may have made a user for each of them. */
export const toUndo: SQL = sql`
  state <> 'undone' and attempts > 0 and not starts_with(coalesce(reason, ''), ${keptPrefix})`

const isDue = sql`coalesce(lease_ends_at, '-infinity') <= now()`
const inMilliseconds = (milliseconds: number) =>
  sql`now() + ${milliseconds} * interval '1 millisecond'`

/**
 * Claims one row of a run that waits, or whose holder has died. Several processes never get the same row.
 * @param waiting {@link toImport} or {@link toUndo}
 */
export async function claimRow(
  runId: string,
  leaseMilliseconds: number,
  waiting: SQL,
): Promise<ClaimedRow | null> {
  const db = await database()
  const [row] = await db
    .update(backfillRows)
    .set({
      state: 'claimed',
      attempts: sql`attempts + 1`,
      leaseEndsAt: inMilliseconds(leaseMilliseconds),
      updatedAt: sql`now()`,
    })
    .where(
      sql`(run_id, subject) in (
        select run_id, subject from backfill_rows
        where run_id = ${runId} and ${waiting} and ${isDue}
        limit 1 for update skip locked)`,
    )
    .returning(columns)
  return row ?? null
}

/** Prolongs the leases of rows that this process still has. A storm of 429 can last longer than a lease. */
export async function renewLeases(
  rows: Iterable<ClaimedRow>,
  leaseMilliseconds: number,
): Promise<void> {
  const db = await database()
  for (const row of rows) {
    await db
      .update(backfillRows)
      .set({ leaseEndsAt: inMilliseconds(leaseMilliseconds) })
      .where(isHeld(row))
  }
}

/** Whether no other process has claimed the row since. */
const isHeld = ({ runId, subject, attempts }: ClaimedRow) =>
  and(
    eq(backfillRows.runId, runId),
    eq(backfillRows.subject, subject),
    eq(backfillRows.state, 'claimed'),
    eq(backfillRows.attempts, attempts),
  )

/** @returns false if the lease had ended, and another process has the row now. Then nothing is written. */
export async function settleRow(row: ClaimedRow, settlement: Settlement): Promise<boolean> {
  const { state, reason, stytchUserId, madeUser, isHashOld, retryMilliseconds = 0 } = settlement
  const db = await database()
  const settled = await db
    .update(backfillRows)
    .set({
      state,
      reason,
      ...(stytchUserId !== undefined && { stytchUserId }),
      ...(madeUser !== undefined && { madeUser }),
      ...(isHashOld && { outcome: 'create', hashOffset: null, hashLength: null }),
      leaseEndsAt: state === 'planned' ? inMilliseconds(retryMilliseconds) : null,
      updatedAt: sql`now()`,
    })
    .where(isHeld(row))
    .returning({ subject: backfillRows.subject })
  return settled.length > 0
}

/** The milliseconds until the next row is due. Null if none is left. */
export async function nextDue(runId: string, waiting: SQL): Promise<number | null> {
  const db = await database()
  const { rows } = (await db.execute(sql`
    select (extract(epoch from min(coalesce(lease_ends_at, now())) - now()) * 1000)::float8 as wait
    from backfill_rows where run_id = ${runId} and ${waiting}`)) as unknown as {
    rows: { wait: number | null }[]
  }
  const wait = rows[0]?.wait ?? null
  return wait === null ? null : Math.max(0, wait)
}

/**
 * The number of rows by state, and by the code of each: its reason, or its outcome if it has none. The reason of a row
 * that the plan left out names a field, and is no code.
 */
export type RowCounts = Record<string, Record<string, number>>

export async function countRows(runId: string): Promise<RowCounts> {
  const db = await database()
  const { rows } = (await db.execute(sql`
    select state, case when state = 'skipped' and attempts = 0 and outcome not in ('create', 'create_with_password')
      then outcome else coalesce(reason, outcome) end as code, count(*)::int as count
    from backfill_rows where run_id = ${runId} group by 1, 2 order by 1, 2`)) as unknown as {
    rows: { state: string; code: string; count: number }[]
  }
  const counts: RowCounts = {}
  for (const { state, code, count } of rows) {
    counts[state] = { ...counts[state], [code]: count }
  }
  return counts
}
