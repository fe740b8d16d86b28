import 'server-only'
import { sql } from 'drizzle-orm'
import { database } from '../../db/database'
import { mirrorIsOn } from './enqueue'
import { type MirrorJob, queue } from './queue'
import { deadQueue, mirrorQueue } from './queue-names'

/** How the mirror is doing. */
export type MirrorStatus = {
  on: boolean
  /** Never tried yet, the one that is being done included. */
  pending: number
  /** Tried without success, and waiting for the next time. */
  retrying: number
  /** Given up, until somebody looks at them. */
  dead: number
  /** Age of the oldest job that is not done, in seconds; null when there is none. */
  oldestSeconds: number | null
}

/** @throws {DatabaseUnavailable} and driver errors */
export async function mirrorStatus(): Promise<MirrorStatus> {
  const on = mirrorIsOn()
  if (!on) return { on, pending: 0, retrying: 0, dead: 0, oldestSeconds: null }
  await queue()
  const db = await database()
  const { rows } = (await db.execute(sql`
    select
      count(*) filter (where name = ${mirrorQueue} and retry_count = 0 and state <> 'retry')::int as pending,
      count(*) filter (where name = ${mirrorQueue} and (retry_count > 0 or state = 'retry'))::int as retrying,
      count(*) filter (where name = ${deadQueue})::int as dead,
      extract(epoch from now() - min(created_on) filter (where name = ${mirrorQueue}))::int as oldest
    from pgboss.job
    where name in (${mirrorQueue}, ${deadQueue}) and state in ('created', 'retry', 'active')
  `)) as unknown as {
    rows: { pending: number; retrying: number; dead: number; oldest: number | null }[]
  }
  const { oldest = null, ...counts } = rows[0] ?? { pending: 0, retrying: 0, dead: 0 }
  return { on, ...counts, oldestSeconds: oldest }
}

/** A job that was given up. Nothing secret is in a job, and nothing about the person but the ids. */
export type DeadJob = MirrorJob & { id: string; reason: string; diedAt: Date }

/** The jobs that were given up, newest first. @throws {DatabaseUnavailable} and driver errors */
export async function deadJobs(limit = 100): Promise<DeadJob[]> {
  if (!mirrorIsOn()) return []
  await queue()
  const db = await database()
  // Not `findJobs`, which has no limit: after a long outage there may be thousands.
  const { rows } = (await db.execute(sql`
    select id, data, created_on as at from pgboss.job
    where name = ${deadQueue} and state in ('created', 'retry')
    order by created_on desc limit ${limit}
  `)) as unknown as {
    rows: { id: string; data: MirrorJob & { reason?: string }; at: string | Date }[]
  }
  return rows.map(({ id, at, data: { accountId, userId, change, reason } }) => ({
    id,
    accountId,
    userId,
    change,
    // Without one, the worker was lost in every attempt.
    reason: reason ?? 'worker_lost',
    diedAt: new Date(at),
  }))
}

/**
 * Puts a job that was given up back into the queue.
 * @returns false when it is not there any more: somebody else was faster
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function retryDead(id: string): Promise<boolean> {
  if (!mirrorIsOn()) return false
  const boss = await queue()
  return (await boss.redrive(deadQueue, { ids: [id], destination: mirrorQueue })) > 0
}

/**
 * Makes every job that waits for its next attempt due now, for when the legacy provider is back.
 * @returns how many
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function retryWaiting(): Promise<number> {
  if (!mirrorIsOn()) return 0
  await queue()
  const db = await database()
  const { rows } = (await db.execute(sql`
    update pgboss.job set start_after = now()
    where name = ${mirrorQueue} and state = 'retry' and start_after > now()
    returning id
  `)) as unknown as { rows: unknown[] }
  return rows.length
}
