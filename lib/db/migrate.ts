import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { idleTransactionMilliseconds, isBounded, statementMilliseconds } from './limits.ts'

/**
 * Brings a database's tables up to date. `npm run db:migrate` runs this before a new version of the app starts.
 *
 * Drizzle generates the files, and the table `drizzle.__drizzle_migrations` lists the applied ones. Drizzle's own
 * migrator runs all files in one transaction, in which Postgres cannot build an index concurrently. A normal
 * build would lock a table of millions of rows for minutes. This migrator runs each file by itself:
 *
 * - A normal file is one transaction. It waits for a lock only for a short time, and is retried later.
 *   Otherwise every query of that table would wait behind it.
 * - A file of concurrent indexes has no transaction, and may be repeated. When an earlier run failed halfway, its
 *   index is invalid. The next run drops the index and builds it again.
 */

/** The advisory lock of a running migration. Older versions, which migrated when they started, take the same one. */
const lockNumber = 40_104_020

export type MigrateOptions = {
  folder?: string
  /** Runs after the files, under the same lock. It creates the tables of a library, such as the queue. */
  more?: (client: pg.Client) => Promise<void>
  log?: (line: string) => void
  /** How long a statement waits for a lock, and how long the command retries. In milliseconds. */
  lockMilliseconds?: number
  patienceMilliseconds?: number
}

type Migration = { name: string; at: number; hash: string; statements: string[] }

/**
 * @param url of a direct connection, because PgBouncer would give the lock and the settings to another client
 * @returns the names of the migrations that were applied
 */
export async function migrateDatabase(
  url: string,
  {
    folder = join(import.meta.dirname, 'migrations'),
    more,
    log = () => {},
    lockMilliseconds = 1_000,
    patienceMilliseconds = 5 * 60_000,
  }: MigrateOptions = {},
): Promise<string[]> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    // The value is the default. PgBouncer refuses startup options, so the command fails early there.
    options: '-c lock_timeout=0',
  })
  // When the connection breaks, the current statement fails. Without a listener, the event would end the process.
  client.on('error', () => {})
  await client.connect()
  try {
    const { rows } = await client.query(
      `select setting::int as ms from pg_settings where name = 'statement_timeout'`,
    )
    await client.query('set statement_timeout = 0')
    await client.query('set idle_in_transaction_session_timeout = 0')
    await takeLock(client, log)
    if (!isBounded(rows[0].ms)) await boundStatements(client)
    const applied: string[] = []
    for (const migration of await pending(client, folder)) {
      log(`${migration.name}…`)
      await untilUnlocked(patienceMilliseconds, migration.name, () =>
        apply(client, migration, lockMilliseconds),
      )
      applied.push(migration.name)
    }
    await more?.(client)
    return applied
  } finally {
    await client.end()
  }
}

/**
 * Waits for the lock without an open transaction. A concurrent index build waits for all older transactions. If one
 * of them waited for this lock, both commands would wait forever.
 */
async function takeLock(client: pg.Client, log: (line: string) => void): Promise<void> {
  for (let isFirst = true; ; isFirst = false) {
    const { rows } = await client.query('select pg_try_advisory_lock($1) as taken', [lockNumber])
    if (rows[0].taken) return
    if (isFirst) log('Another migration of this database is running; waiting for its end…')
    await sleep(250)
  }
}

/** Sets the timeouts of the role. They apply to connections that the role opens from now on. */
async function boundStatements(client: pg.Client): Promise<void> {
  const { rows } = await client.query(
    `select format('alter role %I in database %I set ', current_user, current_database()) as alter`,
  )
  const { alter } = rows[0]
  await client.query(`${alter} statement_timeout = ${statementMilliseconds}`)
  await client.query(
    `${alter} idle_in_transaction_session_timeout = ${idleTransactionMilliseconds}`,
  )
}

async function pending(client: pg.Client, folder: string): Promise<Migration[]> {
  await client.query('create schema if not exists drizzle')
  await client.query(
    'create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)',
  )
  const { rows } = await client.query(
    'select coalesce(max(created_at), 0)::float8 as newest from drizzle.__drizzle_migrations',
  )
  const journal = JSON.parse(readFileSync(join(folder, 'meta/_journal.json'), 'utf8')) as {
    entries: { tag: string; when: number }[]
  }
  return journal.entries
    .filter(({ when }) => when > rows[0].newest)
    .map(({ tag, when }) => {
      const text = readFileSync(join(folder, `${tag}.sql`), 'utf8')
      return {
        name: tag,
        at: when,
        hash: createHash('sha256').update(text).digest('hex'),
        statements: text.split('--> statement-breakpoint'),
      }
    })
}

async function apply(client: pg.Client, migration: Migration, lockMilliseconds: number) {
  const concurrent = migration.statements.filter((each) => /\bconcurrently\b/i.test(each))
  if (concurrent.length === 0) return applyAtOnce(client, migration, lockMilliseconds)
  if (concurrent.length < migration.statements.length) {
    throw new Error(
      `${migration.name}: put statements with CONCURRENTLY into a file of their own, since no other statement may be repeated.`,
    )
  }
  for (const statement of concurrent) await applyConcurrently(client, statement)
  await note(client, migration)
}

async function applyAtOnce(client: pg.Client, migration: Migration, lockMilliseconds: number) {
  await client.query('begin')
  try {
    await client.query(`set local lock_timeout = ${lockMilliseconds}`)
    for (const statement of migration.statements) await client.query(statement)
    await note(client, migration)
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  }
}

/** Runs a concurrent statement. It blocks no query, so it needs no lock timeout. */
async function applyConcurrently(client: pg.Client, statement: string): Promise<void> {
  const [, index] =
    /create\s+(?:unique\s+)?index\s+concurrently\s+(?:if\s+not\s+exists\s+)?("[^"]+")/i.exec(
      statement,
    ) ?? []
  if (index) {
    const { rows } = await client.query(
      'select indisvalid as valid from pg_index where indexrelid = to_regclass($1)',
      [index],
    )
    if (rows[0]?.valid) return
    if (rows[0]) await client.query(`drop index concurrently ${index}`)
  }
  await client.query(statement)
}

const note = (client: pg.Client, { hash, at }: Migration) =>
  client.query('insert into drizzle.__drizzle_migrations (hash, created_at) values ($1, $2)', [
    hash,
    at,
  ])

/** Postgres's codes for an unavailable lock and a deadlock. */
const lockErrors = ['55P03', '40P01']

async function untilUnlocked(
  milliseconds: number,
  name: string,
  work: () => Promise<void>,
): Promise<void> {
  for (const deadline = Date.now() + milliseconds; ; await sleep(Math.min(1_000, milliseconds))) {
    try {
      return await work()
    } catch (error) {
      if (!lockErrors.includes((error as { code?: string }).code ?? '')) throw error
      if (Date.now() < deadline) continue
      throw new Error(
        `${name} needs a lock that another transaction holds. Find it in pg_stat_activity, end it, and run this again.`,
        { cause: error },
      )
    }
  }
}
