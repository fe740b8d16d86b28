import 'server-only'
import { sql } from 'drizzle-orm'
import type { Db, PgBoss } from 'pg-boss'
import { type Database, database } from '../../db/database'
import { perProcess } from '../../per-process'

/** Jobs to do, and jobs that somebody must look at. */
export const mirrorQueue = 'mirror'
export const deadQueue = 'mirror-dead'

/**
 * What a job says: whose legacy record to bring up to date, and why. Nothing about the person and no
 * password: the job looks at Stytch when it runs, so that late, doubled and swapped jobs do no harm.
 */
export type MirrorJob = {
  accountId: string
  /** Stytch's id of the user. */
  userId: string
  change: 'born' | 'proved' | 'changed' | 'password' | 'deleted'
}

/**
 * Fifty attempts, from three seconds to an hour apart (each up to twice as long, by chance): a day and a
 * half and more. In seconds.
 */
const retries = { retryLimit: 50, retryDelay: 3, retryBackoff: true, retryDelayMax: 3_600 }

const day = 24 * 60 * 60

/** Longer than all deadlines of one attempt together: a job that is held longer has lost its worker. In seconds. */
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
    // No timers of its own: the worker and the cron route look after the queue (drain.ts).
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
    // One at a time for an account: two would write to one record in an order that nobody chose.
    policy: 'singleton',
    expireInSeconds: attemptSeconds,
    deadLetter: deadQueue,
  })
  // Looked up once now, since it must not be while a transaction holds the only connection.
  for (const name of [mirrorQueue, deadQueue]) await boss.findJobs(name, { id: nobody })
  return boss
}

const nobody = '00000000-0000-0000-0000-000000000000'

type Client = object
type Rows = { rows: unknown[] }
type Pool = {
  query(query: { text: string; values: unknown[]; query_timeout: number }): Promise<Rows | Rows[]>
}

/** The app's own pool, with more time than a page has: making the tables takes a while. */
const fromPool = (pool: Pool): Db => ({
  async executeSql(text, values = []) {
    const result = await pool.query({ text, values, query_timeout: 30_000 })
    // A script has a result for each of its statements.
    return { rows: [result].flat().flatMap(({ rows }) => rows) }
  },
})

/**
 * Puts a job into the queue, as part of `tx`.
 * @param boss opened before the transaction
 * @param id a job with this id that is there already is left as it is
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

/** Forgets the queue, so that the next caller opens it anew. */
export async function closeQueue(): Promise<void> {
  const open = opened.value
  opened.value = undefined
  const boss = await open?.boss.catch(() => null)
  await boss?.stop({ graceful: false })
}
