import 'server-only'
import { and, eq, lte } from 'drizzle-orm'
import { database } from '../../db/database'
import { legacyPoll } from '../schema'

/**
 * Takes the turn of a poll, once an interval over all instances.
 * @param id the row of the poll, which must exist
 * @param seconds the interval
 * @returns the row as the last turn left it. Null when it is not yet time, or when another instance has this turn
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function takePollTurn(
  id: number,
  now: Date,
  seconds: number,
): Promise<typeof legacyPoll.$inferSelect | null> {
  const db = await database()
  const [row] = await db.select().from(legacyPoll).where(eq(legacyPoll.id, id))
  if (!row || row.ranAt > new Date(now.getTime() - seconds * 1_000)) return null
  const taken = await db
    .update(legacyPoll)
    .set({ ranAt: now })
    .where(and(eq(legacyPoll.id, id), lte(legacyPoll.ranAt, row.ranAt)))
    .returning({ id: legacyPoll.id })
  return taken[0] ? row : null
}
