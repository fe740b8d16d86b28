import 'server-only'
import { type SQL, sql } from 'drizzle-orm'
import { database } from '../../../db/database'

/**
 * The pace in Postgres that all processes share. It uses the clock of the database, so that the clocks of the
 * processes do not matter.
 */

/** A call that may start now. */
export type Grant = { isGranted: true; at: number; strikes: number }
/** It may not. The next try can succeed after this time. */
export type Denial = { isGranted: false; waitMilliseconds: number }

const databaseClock = sql`clock_timestamp()`
const longestPauseSeconds = 60

type Row = { at: number; strikes: number; wait: number }

async function query(statement: SQL): Promise<Row | undefined> {
  const { rows } = (await (await database()).execute(statement)) as unknown as { rows: Row[] }
  return rows[0]
}

const milliseconds = (time: SQL): SQL => sql`(extract(epoch from ${time}) * 1000)::float8`

/**
 * Takes the next start if it is due.
 * @param spacing the time to the next start after this one, in milliseconds
 * @param clock tests replace it
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function takeStart(
  spacing: number,
  clock: SQL = databaseClock,
): Promise<Grant | Denial> {
  // The row lock lets one process at a time look at `next_at`, and the condition is checked again after it.
  const granted = await query(sql`
    update backfill_pace set next_at = ${clock} + ${spacing} * interval '1 millisecond'
    where id = 1 and next_at <= ${clock}
    returning ${milliseconds(clock)} as at, strikes, 0 as wait`)
  if (granted) return { isGranted: true, at: granted.at, strikes: granted.strikes }
  const next = await query(sql`
    select ${milliseconds(sql`next_at - ${clock}`)} as wait from backfill_pace where id = 1`)
  if (next) return { isGranted: false, waitMilliseconds: Math.max(1, Math.ceil(next.wait)) }
  await query(sql`
    insert into backfill_pace (id, next_at, resumes_at) values (1, ${clock}, 'epoch')
    on conflict do nothing`)
  return { isGranted: false, waitMilliseconds: 0 }
}

/**
 * Stops all processes for a while, after an answer 429 to the call that started at `at`. A storm of such answers counts
 * once: those to calls from before the pause change nothing.
 */
export async function pauseAll(at: number, clock: SQL = databaseClock): Promise<void> {
  await query(sql`
    with pause as (
      select ${clock} + least(power(2, least(strikes, 10)), ${longestPauseSeconds}) * interval '1 second' as ends
      from backfill_pace where id = 1
    )
    update backfill_pace
      set strikes = strikes + 1, resumes_at = pause.ends, next_at = greatest(next_at, pause.ends)
      from pause
      where id = 1 and resumes_at <= to_timestamp(${at}::float8 / 1000)`)
}

/** Stytch answered a call that started after the last pause, so the next pause is short again. */
export async function endStorm(at: number): Promise<void> {
  await query(sql`
    update backfill_pace set strikes = 0
    where id = 1 and strikes > 0 and resumes_at <= to_timestamp(${at}::float8 / 1000)`)
}
