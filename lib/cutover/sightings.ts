import 'server-only'
import { createHash } from 'node:crypto'
import { sql } from 'drizzle-orm'
import QuickLRU from 'quick-lru'
import { database } from '../db/database'
import { errorText } from '../error-text'
import { perProcess } from '../per-process'
import { afterResponse } from './after-response'

/** A session that made a request. `sessionKey` is a hash: it opens nothing and says nobody's name. */
export type Sighting = { sessionKey: string; lane: 'stytch' | 'legacy'; at: Date }

const minute = 60_000

/** How many sessions a process remembers as seen in this minute; more only cost another write. */
const rememberedSessions = 10_000
/** How many may wait for a write: with the database away, they must not pile up. */
const waitingSessions = 2_000

/** The key of a Stytch session; a legacy one has that of its claim. */
export const stytchSessionKey = (sessionId: string): string =>
  createHash('sha256').update(`stytch\n${sessionId}`).digest('base64url')

/**
 * Writes down which sessions were seen, at most once a minute for each. Without timers: whoever comes while a
 * write is under way joins the next one, so there are never more than two, however many requests there are.
 *
 * @param write injectable for tests
 */
export function createObserver(write = writeSightings) {
  const seenIn = new QuickLRU<string, number>({ maxSize: rememberedSessions })
  const waiting = new Map<string, Sighting>()
  let last: Promise<void> = Promise.resolve()
  let next: Promise<void> | undefined
  let isSilent = false

  const writeWaiting = async () => {
    const batch = [...waiting.values()]
    waiting.clear()
    if (batch.length === 0) return
    try {
      await write(batch)
      isSilent = false
    } catch (error) {
      // A figure is no reason to fail anything; said once, and not for as long as it lasts.
      if (!isSilent) console.error(`sightings: not written down: ${errorText(error)}`)
      isSilent = true
    }
  }

  return {
    /** @returns whether it is news, and {@link flush} has something to do */
    note(sighting: Sighting): boolean {
      const inMinute = Math.floor(sighting.at.getTime() / minute)
      if (seenIn.get(sighting.sessionKey) === inMinute) return false
      if (waiting.size >= waitingSessions) return false
      seenIn.set(sighting.sessionKey, inMinute)
      waiting.set(sighting.sessionKey, sighting)
      return true
    },
    /** Writes what waits. Never throws. */
    flush(): Promise<void> {
      if (!next) {
        next = last = last.then(() => {
          next = undefined
          return writeWaiting()
        })
      }
      return next
    },
    /** How much is remembered. */
    size: () => ({ seen: seenIn.size, waiting: waiting.size }),
  }
}

/**
 * Notes that a session made a request. Costs the request nothing: what has to be written is written after
 * its response. Never throws.
 */
export function see(sighting: Sighting): void {
  const observer = perProcess('sightings', createObserver).value
  if (observer.note(sighting)) afterResponse(observer.flush)
}

/**
 * One statement. A session counts for a minute if whoever moves its `last_seen` into that minute is the first to:
 * the lock of the row decides, so the counts are exact over any number of instances. A sighting that is written
 * only after a later one of the same session is not counted any more.
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function writeSightings(batch: Sighting[]): Promise<void> {
  const db = await database()
  const rows = batch.map(({ sessionKey, lane, at }) => ({ sessionKey, lane, at: at.toISOString() }))
  // In the order of their keys: two instances that lock the same rows in different orders would wait for each other.
  await db.execute(sql`
    with given as (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as given("sessionKey" text, lane text, at timestamptz)
    ), moved as (
      insert into sightings (session_key, lane, first_seen, last_seen)
      select "sessionKey", lane, at, at from given order by "sessionKey"
      on conflict (session_key) do update
        set previously_seen = sightings.last_seen, last_seen = excluded.last_seen
        where sightings.last_seen < date_trunc('minute', excluded.last_seen, 'UTC')
      returning lane, last_seen, previously_seen
    ), counted as (
      select 'hour' as resolution, date_trunc('hour', last_seen, 'UTC') as at, lane, count(*) as sessions
      from moved
      where previously_seen is null or previously_seen < date_trunc('hour', last_seen, 'UTC')
      group by 2, 3
      union all
      select 'minute', date_trunc('minute', last_seen, 'UTC'), lane, count(*) from moved group by 2, 3
    )
    insert into lane_counts (resolution, at, lane, sessions)
    select resolution, at, lane, sessions from counted order by resolution, at, lane
    on conflict (resolution, at, lane) do update
      set sessions = lane_counts.sessions + excluded.sessions
  `)
}
