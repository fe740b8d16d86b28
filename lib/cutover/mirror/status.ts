import 'server-only'
import { sql } from 'drizzle-orm'
import { database } from '../../db/database'
import { mirrorIsOn } from './enqueue'
import { organizationNames } from './members'
import { isMemberJob, type MirrorJob, queue } from './queue'
import { deadQueue, mirrorQueue } from './queue-names'

/** The jobs of the mirror that are not done. */
export type MirrorStatus = {
  on: boolean
  /** Never failed yet. A job that runs now is included. */
  pending: number
  /** Failed, and will be retried. */
  retrying: number
  /** Failed in every attempt. Only an operator can retry them. */
  dead: number
  /** Age of the oldest pending or retrying job, in seconds. Null when there is none. */
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

/** A dead job. It contains only ids, no secret and no personal data. */
export type DeadJob = {
  id: string
  accountId: string
  /** The id of the user or member at Stytch. */
  subject: string
  /** The name of the organization whose membership the job is about, or its id at Stytch. Null for a job of a user. */
  organization: string | null
  change: MirrorJob['change']
  reason: string
  diedAt: Date
}

/** Lists the dead jobs, newest first. @throws {DatabaseUnavailable} and driver errors */
export async function deadJobs(limit = 100): Promise<DeadJob[]> {
  if (!mirrorIsOn()) return []
  await queue()
  const db = await database()
  // `findJobs` has no limit, and a long outage may leave thousands of jobs.
  const { rows } = (await db.execute(sql`
    select id, data, created_on as at from pgboss.job
    where name = ${deadQueue} and state in ('created', 'retry')
    order by created_on desc limit ${limit}
  `)) as unknown as {
    rows: { id: string; data: MirrorJob & { reason?: string }; at: string | Date }[]
  }
  const names = await organizationNames(
    rows.flatMap(({ data }) => (isMemberJob(data) ? [data.organizationId] : [])),
  )
  return rows.map(({ id, at, data }) => ({
    id,
    accountId: data.accountId,
    ...(isMemberJob(data)
      ? {
          subject: data.memberId,
          organization: names.get(data.organizationId) ?? data.organizationId,
        }
      : { subject: data.userId, organization: null }),
    change: data.change,
    // A job without a reason lost its worker in every attempt.
    reason: data.reason ?? 'worker_lost',
    diedAt: new Date(at),
  }))
}

/**
 * Moves a dead job back into the queue.
 * @returns false if another operator has retried it before
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function retryDeadJob(id: string): Promise<boolean> {
  if (!mirrorIsOn()) return false
  const boss = await queue()
  return (await boss.redrive(deadQueue, { ids: [id], destination: mirrorQueue })) > 0
}

/**
 * Makes every retrying job due now. For use after an outage of the legacy provider.
 * @returns the number of jobs
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function retryWaitingJobs(): Promise<number> {
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
