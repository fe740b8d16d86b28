import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import type { Client } from 'pg'
import { PgBoss } from 'pg-boss'
import { deadQueue, forwardQueue, mirrorQueue, revocationQueue } from './queue-names.ts'

/**
 * A job has fifty attempts. The delay grows from three seconds to one hour, and pg-boss adds up to as much at random.
 * Together the attempts take at least a day and a half. In seconds.
 */
const retries = { retryLimit: 50, retryDelay: 3, retryBackoff: true, retryDelayMax: 3_600 }

const day = 24 * 60 * 60

/** Time limit of one attempt, in seconds. It exceeds all its deadlines together, so a later job has lost its worker. */
const attemptSeconds = 120

/** The same for a job of the queue `forward`. */
const forwardSeconds = 900

/**
 * Creates the queues and their schema `pgboss`, or brings the schema up to date. `npm run db:migrate` calls this
 * while it holds its lock.
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
    // Only one job of an account runs at a time. Two would write to the same record in a random order.
    policy: 'singleton',
    expireInSeconds: attemptSeconds,
    deadLetter: deadQueue,
  })
  // A session that Stytch does not revoke in all attempts is still refused by the list of revocations.
  await boss.createQueue(revocationQueue, {
    ...retries,
    ...keep,
    expireInSeconds: attemptSeconds,
  })
  await boss.createQueue(forwardQueue, {
    ...retries,
    ...keep,
    // Only one job of a user runs at a time.
    policy: 'singleton',
    // The shared rate limit of the backfill can hold a job back for minutes.
    expireInSeconds: forwardSeconds,
  })
  await boss.stop({ graceful: false, close: false })
}

/** Runs the command of pg-boss. The library would return before the concurrent indexes are built. */
async function migrateSchema(url: string): Promise<void> {
  const command = createRequire(import.meta.url).resolve('pg-boss/dist/cli.js')
  await promisify(execFile)(process.execPath, [command, 'migrate'], {
    env: {
      ...process.env,
      PGBOSS_DATABASE_URL: url,
      // Building an index may take minutes, so the timeout of the app's statements must not apply.
      PGOPTIONS: '-c statement_timeout=0 -c idle_in_transaction_session_timeout=0',
    },
  })
}
