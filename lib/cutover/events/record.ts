import 'server-only'
import { desc, eq } from 'drizzle-orm'
import { database } from '../../db/database'
import { perProcess } from '../../per-process'
import { events } from '../schema'
import { afterResponse } from './after-response'
import type { CutoverEvent } from './event'
import { countEvent } from './metrics'

/** Records an event. Without the database it goes to the log: an event is no reason to fail a request. */
export async function recordEvent(event: CutoverEvent): Promise<void> {
  countEvent(event)
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

/** When a failure was last stored, by its kind and reason. */
const { value: failures } = perProcess('failures', () => new Map<string, number>())

/**
 * Records that something which many requests need did not work, such as a provider that does not answer. An
 * outage fails every request: each is counted, and one a minute of each instance is stored. Never throws.
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
  if (failures.get(key) === minute) return
  failures.set(key, minute)
  afterResponse(() => store(event))
}

/** The latest events, newest first; of one kind, if one is named. */
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
