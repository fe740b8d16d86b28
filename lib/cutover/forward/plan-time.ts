import 'server-only'
import { and, gt, ne, sql } from 'drizzle-orm'
import { database } from '../../db/database'
import { backfillRuns } from '../backfill/schema'

/** The export is older than the plan, by at most this. In milliseconds. */
const exportAge = 24 * 60 * 60_000

/** Whether the files of a plan from this time have everything that happened then. */
export const isInExport = (happenedAt: Date, plannedAt: Date): boolean =>
  happenedAt.getTime() < plannedAt.getTime() - exportAge

/**
 * The time from which a change may be missing in the files of the oldest plan. Null without a plan.
 * @param since older plans do not count
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function oldestExport(since = new Date(0)): Promise<Date | null> {
  const db = await database()
  const [oldest] = await db
    .select({ at: sql<string | null>`min(${backfillRuns.createdAt})` })
    .from(backfillRuns)
    .where(and(ne(backfillRuns.state, 'undone'), gt(backfillRuns.createdAt, since)))
  return oldest?.at ? new Date(new Date(oldest.at).getTime() - exportAge) : null
}
