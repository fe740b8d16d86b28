import 'server-only'
import { sql } from 'drizzle-orm'
import type { Db, PgBoss } from 'pg-boss'
import { type Database, database } from '../../db/database'
import { perProcess } from '../../per-process'

/** The queue of jobs, and the dead-letter queue of jobs that were given up. */
export const mirrorQueue = 'mirror'
export const deadQueue = 'mirror-dead'

/**
 * A job names the account whose legacy record must be updated, and the reason. It holds no personal data and no
 * password. The job reads the user from Stytch when it runs, so late, repeated and reordered jobs do no harm.
 */
export type MirrorJob = {
  accountId: string
  /** The id of the Stytch user. */
  userId: string
  change: 'born' | 'proved' | 'changed' | 'password' | 'deleted'
}

/**
 * Fifty retries over at least a day and a half. The delay doubles from three seconds up to an hour, and pg-boss
 * adds up to the same again at random. In seconds.
 */
const retries = { retryLimit: 50, retryDelay: 3, retryBackoff: true, retryDelayMax: 3_600 }

const day = 24 * 60 * 60

/** Longer than all deadlines of one attempt together. A job that runs longer has lost its worker. In seconds. */
const attemptSeconds = 120

type Queue = { database: Database; boss: Promise<PgBoss> }
const opened = perProcess<Queue | undefined>('mirror-queue', () => undefined)

/**
 * The queue, in the schema `pgboss` of the database; its tables are made on first use.
 *
 * Never await this for the first time inside a transaction: an embedded database has one connection, which
 * the transaction holds.
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function queue(): Promise<PgBoss> {
  const db = await database()
  if (opened.value?.database !== db) {
    const boss = open(db).catch((error: unknown) => {
      if (opened.value?.database === db) opened.value = undefined
      throw error
    })
    opened.value = { database: db, boss }
  }
  return opened.value.boss
}

async function open(database: Database): Promise<PgBoss> {
  const { PgBoss, fromPglite } = await import('pg-boss')
  // The client below drizzle: pg-boss makes its tables with scripts, which drizzle would prepare.
  const { $client } = database as unknown as { $client: Client }
  const boss = new PgBoss({
    ...('exec' in $client
      ? { db: fromPglite($client as Parameters<typeof fromPglite>[0]), backend: 'pglite' as const }
      : { db: fromPool($client as Pool) }),
    // No timers in pg-boss: drain.ts maintains the queue.
    supervise: false,
    schedule: false,
    reindex: false,
  })
  boss.on('error', (error) => console.error(`mirror: the queue: ${error.message}`))
  await boss.start()
  const keep = { retentionSeconds: 365 * day, deleteAfterSeconds: 7 * day }
  await boss.createQueue(deadQueue, { ...keep, retryLimit: 0 })
  await boss.createQueue(mirrorQueue, {
    ...retries,
    ...keep,
    // One job at a time for an account: two would write to one record in a random order.
    policy: 'singleton',
    expireInSeconds: attemptSeconds,
    deadLetter: deadQueue,
  })
  // pg-boss reads each queue once and caches it. It must not do so in a transaction, which holds the only connection.
  for (const name of [mirrorQueue, deadQueue]) await boss.findJobs(name, { id: nobody })
  return boss
}

const nobody = '00000000-0000-0000-0000-000000000000'

type Client = object
type Rows = { rows: unknown[] }
type Pool = {
  query(query: { text: string; values: unknown[]; query_timeout: number }): Promise<Rows | Rows[]>
}

/** The pool of the app, with a longer deadline than a page has: creating the tables is slow. */
const fromPool = (pool: Pool): Db => ({
  async executeSql(text, values = []) {
    const result = await pool.query({ text, values, query_timeout: 30_000 })
    // A script returns a result for each of its statements.
    return { rows: [result].flat().flatMap(({ rows }) => rows) }
  },
})

/**
 * Puts a job into the queue, as part of `tx`.
 * @param boss opened before the transaction
 * @param id when a job with this id exists, none is added
 */
export async function enqueue(
  boss: PgBoss,
  tx: Database,
  job: MirrorJob,
  id?: string,
): Promise<void> {
  const { fromDrizzle } = await import('pg-boss')
  const db = fromDrizzle(tx as Parameters<typeof fromDrizzle>[0], sql)
  await boss.send(mirrorQueue, job, { singletonKey: job.accountId, db, ...(id ? { id } : {}) })
}

/** Closes the queue. The next caller opens it again. */
export async function closeQueue(): Promise<void> {
  const open = opened.value
  opened.value = undefined
  const boss = await open?.boss.catch(() => null)
  await boss?.stop({ graceful: false })
}
