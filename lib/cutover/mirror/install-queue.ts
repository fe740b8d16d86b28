import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import type { Client } from 'pg'
import { PgBoss } from 'pg-boss'
import { deadQueue, mirrorQueue } from './queue-names.ts'

/**
 * Fifty attempts, from three seconds to an hour apart (each up to twice as long, by chance): a day and a
 * half and more. In seconds.
 */
const retries = { retryLimit: 50, retryDelay: 3, retryBackoff: true, retryDelayMax: 3_600 }

const day = 24 * 60 * 60

/** Longer than all deadlines of one attempt together: a job that is held longer has lost its worker. In seconds. */
const attemptSeconds = 120

/**
 * Creates the queues and the schema `pgboss` that holds them, or brings the schema up to date. For
 * `npm run db:migrate`, under its lock.
 */
export async function installQueue(client: Client, url: string): Promise<void> {
  await migrateSchema(url)
  const boss = new PgBoss({
    db: { executeSql: (text, values) => client.query(text, values) },
    migrate: false,
    supervise: false,
    schedule: false,
    reindex: false,
  })
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
  await boss.stop({ graceful: false, close: false })
}

/** pg-boss's own command: unlike the library, it is done with the concurrent indexes when it ends. */
async function migrateSchema(url: string): Promise<void> {
  const command = createRequire(import.meta.url).resolve('pg-boss/dist/cli.js')
  await promisify(execFile)(process.execPath, [command, 'migrate'], {
    env: {
      ...process.env,
      PGBOSS_DATABASE_URL: url,
      // The bound of the app's statements is not for an index that takes minutes.
      PGOPTIONS: '-c statement_timeout=0 -c idle_in_transaction_session_timeout=0',
    },
  })
}
