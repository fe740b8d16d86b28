import 'server-only'
import { sql } from 'drizzle-orm'
import { database } from '../../db/database'

/** The longest base of a delay. In seconds. */
const maximumDelay = 60

/**
 * Counts one migration that is about to start, and decides whether it may. One statement of the database counts for
 * all instances, by the database's clock, so that the providers get at most `limit` migrations a second.
 * @returns null when the migration may start, and otherwise the time of the next try
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function passBrake(
  limit: number,
  now: Date,
  random: () => number = Math.random,
): Promise<Date | null> {
  const db = await database()
  const { rows } = (await db.execute(sql`
    insert into migration_rate as rate (at, asked, allowed)
    values (date_trunc('second', clock_timestamp()), 1, ${limit})
    on conflict (at) do update set asked = rate.asked + 1
    returning asked, allowed`)) as unknown as { rows: [{ asked: number; allowed: number }] }
  const [{ asked, allowed }] = rows
  return asked <= allowed ? null : brakeRetryTime(asked / allowed, now, random)
}

/**
 * The time of the next try of a migration that was held back. The base is the number of seconds that the migrations of
 * this second take. Up to the same time is added at random, so that the next tries spread out.
 */
export function brakeRetryTime(load: number, now: Date, random: () => number): Date {
  const seconds = Math.min(Math.max(load, 1), maximumDelay)
  return new Date(now.getTime() + seconds * 1_000 * (1 + random()))
}
