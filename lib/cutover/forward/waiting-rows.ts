import 'server-only'
import { and, eq, inArray, type SQL, sql } from 'drizzle-orm'
import { database } from '../../db/database'
import type { Outcome } from '../backfill/plan/outcome'
import { backfillRows, backfillRuns } from '../backfill/schema'

/** The rows of one user in all imports that were not undone. */
export type ImportRow = {
  state: typeof backfillRows.$inferSelect.state
  outcome: string
  /** Whether the import has or had a hash for this user. */
  hasHash: boolean
  /** Whether a process works on the row now. */
  isInHand: boolean
  plannedAt: Date
}

/** An import works on this user now. The job looks again later, when the result is known. */
export class ImportInProgress extends Error {
  readonly code = 'import_in_progress'
  constructor() {
    super('An import works on this user.')
    this.name = 'ImportInProgress'
  }
}

const isInHand = sql<boolean>`(${backfillRows.state} = 'claimed' and ${backfillRows.leaseEndsAt} > now())`

/** The rows of a user. It names the runs, so that Postgres uses the primary key. */
const ofUser = (subject: string): SQL | undefined =>
  and(
    eq(backfillRows.subject, subject),
    sql`${backfillRows.runId} in (select id from backfill_runs)`,
    sql`${backfillRows.state} <> 'undone'`,
  )

/** @throws {DatabaseUnavailable} and driver errors, as all functions here */
export async function importRowsOf(subject: string): Promise<ImportRow[]> {
  const db = await database()
  return db
    .select({
      state: backfillRows.state,
      outcome: backfillRows.outcome,
      hasHash: sql<boolean>`${backfillRows.hashOffset} is not null`,
      isInHand,
      plannedAt: backfillRuns.createdAt,
    })
    .from(backfillRows)
    .innerJoin(backfillRuns, eq(backfillRuns.id, backfillRows.runId))
    .where(ofUser(subject))
}

const isWaiting = sql`(${backfillRows.state} in ('planned', 'claimed') and not ${isInHand})`

/**
 * Stops the import of a user who must stay out by now. The file is older than this news.
 * @throws {ImportInProgress}
 */
export async function stopImport(subject: string, reason: Outcome): Promise<void> {
  const db = await database()
  await db
    .update(backfillRows)
    .set({ state: 'skipped', reason, leaseEndsAt: null, updatedAt: sql`now()` })
    .where(and(ofUser(subject), isWaiting))
  await refuseInHand(subject)
}

/**
 * Takes the hash from rows that an import may still write. It is that of an old password.
 * @throws {ImportInProgress}
 */
export async function dropWaitingHashes(subject: string): Promise<void> {
  const db = await database()
  await db
    .update(backfillRows)
    .set({
      hashOffset: null,
      hashLength: null,
      outcome: sql`case ${backfillRows.outcome} when 'create_with_password' then 'create' else ${backfillRows.outcome} end`,
    })
    .where(
      and(
        ofUser(subject),
        sql`(${isWaiting} or ${inArray(backfillRows.state, ['skipped', 'failed'])})`,
        sql`${backfillRows.hashOffset} is not null`,
      ),
    )
  await refuseInHand(subject)
}

/** The same for rows whose hash is no longer at Stytch. A later `--fix` would bring it back. */
export async function dropImportedHashes(subject: string): Promise<void> {
  const db = await database()
  await db
    .update(backfillRows)
    .set({ hashOffset: null, hashLength: null })
    .where(and(ofUser(subject), eq(backfillRows.state, 'done')))
}

/** @throws {ImportInProgress} */
async function refuseInHand(subject: string): Promise<void> {
  if ((await importRowsOf(subject)).some((row) => row.isInHand)) throw new ImportInProgress()
}
