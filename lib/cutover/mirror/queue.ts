import 'server-only'
import { sql } from 'drizzle-orm'
import type { Pool } from 'pg'
import type { PgBoss, SendOptions } from 'pg-boss'
import pgBoss from 'pg-boss/package.json'
import { type Database, DatabaseOutdated, databasePool } from '../../db/database'
import { perProcess } from '../../per-process'
import { mirrorQueue } from './queue-names'

/**
 * A job names the account whose legacy record must be updated, and the reason. It holds no personal data and no
 * password. The job reads the user from Stytch when it runs, so late, repeated and reordered jobs do no harm.
 */
export type MirrorJob = UserJob | MemberJob

export type UserJob = {
  accountId: string
  /** The id of the Stytch user. */
  userId: string
  change: 'born' | 'proved' | 'changed' | 'password' | 'deleted'
}

/** A job about the membership of one organization. */
export type MemberJob = {
  accountId: string
  /** The ids of the organization and of the member at Stytch. */
  organizationId: string
  memberId: string
  change: 'member_joined' | 'member_changed' | 'member_removed'
}

export const isMemberJob = (job: MirrorJob): job is MemberJob => 'memberId' in job

type Queue = { pool: Pool; boss: Promise<PgBoss> }
const opened = perProcess<Queue | undefined>('mirror-queue', () => undefined)

/**
 * Opens the queue in the schema `pgboss` of the database. It uses the app's own connections.
 *
 * Never open the queue inside a transaction, because it needs a second connection. When transactions use every
 * connection of the pool, all of them would wait forever.
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function queue(): Promise<PgBoss> {
  const pool = await databasePool()
  if (opened.value?.pool !== pool) {
    const boss = open(pool).catch((error: unknown) => {
      if (opened.value?.pool === pool) opened.value = undefined
      throw error
    })
    opened.value = { pool, boss }
  }
  return opened.value.boss
}

async function open(pool: Pool): Promise<PgBoss> {
  const { PgBoss } = await import('pg-boss')
  const boss = new PgBoss({
    db: {
      async executeSql(text, values = []) {
        // A script returns a result for each of its statements.
        const results = [await pool.query(text, values)].flat()
        return { rows: results.flatMap(({ rows }) => rows) }
      },
    },
    // Switches off the timers of pg-boss, because drain.ts maintains the queue.
    supervise: false,
    schedule: false,
    reindex: false,
  })
  boss.on('error', (error) => console.error(`mirror: the queue: ${error.message}`))
  // Only `npm run db:migrate` creates the tables. A schema of a newer version works for this one too.
  const version = (await boss.isInstalled()) ? await boss.schemaVersion() : null
  if (version === null || version < pgBoss.pgboss.schema) {
    throw new DatabaseOutdated(
      'The queue of the mirror is missing, or older than this version of the app. Run `npm run db:migrate`.',
    )
  }
  return boss.start()
}

/**
 * Sends a job to a queue as part of the transaction `tx`.
 * @param boss from {@link queue}, opened before the transaction
 * @returns the id of the job. Null when the options keep it out.
 */
export async function sendInTransaction(
  boss: PgBoss,
  tx: Database,
  name: string,
  job: object,
  options: Omit<SendOptions, 'db'>,
): Promise<string | null> {
  const { fromDrizzle } = await import('pg-boss')
  const db = fromDrizzle(tx as Parameters<typeof fromDrizzle>[0], sql)
  return boss.send(name, job, { ...options, db })
}

/**
 * Enqueues a job of the mirror as part of the transaction `tx`.
 * @param boss from {@link queue}, opened before the transaction
 * @param id of the job. When a job with this id exists, no job is added.
 */
export async function enqueue(
  boss: PgBoss,
  tx: Database,
  job: MirrorJob,
  id?: string,
): Promise<void> {
  const options = { singletonKey: job.accountId, ...(id ? { id } : {}) }
  await sendInTransaction(boss, tx, mirrorQueue, job, options)
}

/** Closes the queue. The next caller opens it again. */
export async function closeQueue(): Promise<void> {
  const open = opened.value
  opened.value = undefined
  const boss = await open?.boss.catch(() => null)
  await boss?.stop({ graceful: false })
}
