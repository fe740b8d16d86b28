import 'server-only'
import { sql } from 'drizzle-orm'
import QuickLRU from 'quick-lru'
import { database } from '../../db/database'
import { errorText } from '../../error-text'
import { perProcess } from '../../per-process'
import { afterResponse } from '../events/after-response'

/** A request of a session. `sessionKey` is a hash: it opens no session and names no user. */
export type Sighting = { sessionKey: string; lane: 'stytch' | 'legacy'; at: Date }

const minute = 60_000

/** Limit of sessions that a process caches as seen in this minute. Each session beyond it costs another write. */
const rememberedSessions = 10_000
/** Limit of sightings that wait for a write. They must not fill the memory while the database is unavailable. */
const waitingSessions = 2_000

/**
 * Collects sightings, and writes each session at most once a minute. It uses no timer. A sighting that arrives during
 * a write joins the next write, so at most two writes run at once.
 *
 * @param write tests replace it
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
      // A lost figure must not fail a request. The error is logged once, and not while it lasts.
      if (!isSilent) console.error(`sightings: not stored: ${errorText(error)}`)
      isSilent = true
    }
  }

  return {
    /** @returns true when the sighting is new, and {@link flush} must run */
    note(sighting: Sighting): boolean {
      const inMinute = Math.floor(sighting.at.getTime() / minute)
      if (seenIn.get(sighting.sessionKey) === inMinute) return false
      if (waiting.size >= waitingSessions) return false
      seenIn.set(sighting.sessionKey, inMinute)
      waiting.set(sighting.sessionKey, sighting)
      return true
    },
    /** Writes the waiting sightings. Never throws. */
    flush(): Promise<void> {
      if (!next) {
        next = last = last.then(() => {
          next = undefined
          return writeWaiting()
        })
      }
      return next
    },
    /** The number of cached and of waiting sessions. */
    size: () => ({ seen: seenIn.size, waiting: waiting.size }),
  }
}

/** Records that a session made a request. Writes after the response, and never throws. */
export function recordSighting(sighting: Sighting): void {
  const observer = perProcess('sightings', createObserver).value
  if (observer.note(sighting)) afterResponse(observer.flush)
}

/**
 * Writes sightings and counts in one statement. The instance that first moves `last_seen` of a session into a new
 * minute counts the session. The row lock decides, so the counts are exact over any number of instances. A sighting
 * that is written after a later one of the same session is not counted.
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function writeSightings(batch: Sighting[]): Promise<void> {
  const db = await database()
  const rows = batch.map(({ sessionKey, lane, at }) => ({ sessionKey, lane, at: at.toISOString() }))
  // Locks the rows in the order of their keys, because two instances could deadlock otherwise.
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
