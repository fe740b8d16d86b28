import 'server-only'
import { desc, eq } from 'drizzle-orm'
import { database } from '../../db/database'
import { perProcess } from '../../per-process'
import { events } from '../schema'
import { afterResponse } from './after-response'
import type { CutoverEvent } from './event'
import { type AudienceLabel, countEvent } from './metrics'

/**
 * Counts and stores an event. Writes it to the log when the database fails, so that the request still succeeds.
 * @param user the kind of user, if the event is of a user's session
 */
export async function recordEvent(event: CutoverEvent, user?: AudienceLabel): Promise<void> {
  countEvent(event, user)
  await store(event)
}

async function store(event: CutoverEvent): Promise<void> {
  try {
    const db = await database()
    await db.insert(events).values({ ...event, milliseconds: Math.round(event.milliseconds) })
  } catch {
    console.error(`event not stored: ${JSON.stringify(event)}`)
  }
}

/** The minute in which each failure was last stored, by kind and reason. */
const { value: lastStored } = perProcess('failures', () => new Map<string, number>())

/**
 * Records a failure that affects many requests, such as a provider that does not answer. Counts every failure,
 * and stores one a minute for each instance. Otherwise an outage would fill the table. Never throws.
 */
export function recordFailure(
  kind: 'sign_in' | 'refresh' | 'policy',
  reason: string,
  at: Date,
): void {
  const event: CutoverEvent = {
    at,
    kind,
    accountId: null,
    issuer: null,
    subject: null,
    lane: 'anonymous',
    result: 'failed',
    reason,
    milliseconds: 0,
    policyVersion: 0,
  }
  countEvent(event)
  const key = `${kind} ${reason}`
  const minute = Math.floor(at.getTime() / 60_000)
  if (lastStored.get(key) === minute) return
  lastStored.set(key, minute)
  afterResponse(() => store(event))
}

/** Reads the latest events, newest first, of all kinds or of one. */
export async function latestEvents(
  limit: number,
  kind?: CutoverEvent['kind'],
): Promise<(CutoverEvent & { id: number })[]> {
  const db = await database()
  const rows = await db
    .select()
    .from(events)
    .where(kind && eq(events.kind, kind))
    .orderBy(desc(events.id))
    .limit(limit)
  return rows as (CutoverEvent & { id: number })[]
}
