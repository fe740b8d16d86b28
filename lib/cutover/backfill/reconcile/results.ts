import 'server-only'
import { desc, eq } from 'drizzle-orm'
import { database } from '../../../db/database'
import type { DifferenceCounts, FixableCode } from './differences'
import { backfillReconciliations } from './schema'

/** What a reconciliation found. It names no user. */
export type Reconciliation = {
  id: string
  runId: string
  at: Date
  /** The users that were compared, and the lines of the file that were not. */
  users: { source: number; stytch: number; notCompared: number }
  /** The users of the file without a Stytch user, whom the plan left out. */
  leftOut: number
  /** The differences by code, before any was mended. */
  counts: DifferenceCounts
  fix: FixableCode | null
  mended: number
}

/** @throws {DatabaseUnavailable} and driver errors */
export async function storeResult({ users, ...result }: Reconciliation): Promise<void> {
  const db = await database()
  await db.insert(backfillReconciliations).values({
    ...result,
    sourceUsers: users.source,
    stytchUsers: users.stytch,
    notCompared: users.notCompared,
  })
}

/** The last result of a run, or of all runs. @throws {DatabaseUnavailable} and driver errors */
export async function lastReconciliation(runId?: string): Promise<Reconciliation | null> {
  const db = await database()
  const [last] = await db
    .select()
    .from(backfillReconciliations)
    .where(runId === undefined ? undefined : eq(backfillReconciliations.runId, runId))
    .orderBy(desc(backfillReconciliations.at))
    .limit(1)
  if (!last) return null
  const { sourceUsers, stytchUsers, notCompared, ...result } = last
  return { ...result, users: { source: sourceUsers, stytch: stytchUsers, notCompared } }
}
