import 'server-only'
import { desc } from 'drizzle-orm'
import { database } from '../db/database'
import { events } from '../db/schema'

/** What happened, to whom, how it ended and why. Never a token. */
export type CutoverEvent = {
  at: Date
  kind: 'migration' | 'sign_in' | 'sign_out' | 'policy' | 'mirror'
  accountId: string | null
  issuer: string | null
  subject: string | null
  /** Lane that the person is on afterwards. */
  lane: 'stytch' | 'legacy' | 'anonymous'
  result: string
  reason: string
  milliseconds: number
  policyVersion: number
}

/** Records an event. Without the database it goes to the log: an event is no reason to fail a request. */
export async function recordEvent(event: CutoverEvent): Promise<void> {
  try {
    const db = await database()
    await db.insert(events).values({ ...event, milliseconds: Math.round(event.milliseconds) })
  } catch {
    console.error(`event not stored: ${JSON.stringify(event)}`)
  }
}

/** The latest events, newest first. */
export async function latestEvents(limit: number): Promise<(CutoverEvent & { id: number })[]> {
  const db = await database()
  const rows = await db.select().from(events).orderBy(desc(events.id)).limit(limit)
  return rows as (CutoverEvent & { id: number })[]
}
