import 'server-only'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import { config } from '../config'
import { perProcess } from '../per-process'

export type Database = PgDatabase<PgQueryResultHKT>

/** The database cannot be reached. Whoever catches it says so and goes on with what needs no database. */
export class DatabaseUnavailable extends Error {
  readonly code = 'database_unavailable'
  constructor(cause: unknown) {
    super('The database cannot be reached. Check DATABASE_URL and that the server runs.', { cause })
    this.name = 'DatabaseUnavailable'
  }
}

const migrationsFolder = path.join(process.cwd(), 'lib/db/migrations')

/** Two instances that start together must not both create the tables. Any number will do, always the same. */
const migrationLock = 4_010_402_0

async function openPostgres(url: string): Promise<Database> {
  const [{ Pool }, { drizzle }, { migrate }] = await Promise.all([
    import('pg'),
    import('drizzle-orm/node-postgres'),
    import('drizzle-orm/node-postgres/migrator'),
  ])
  const pool = new Pool({
    connectionString: url,
    max: 10,
    // A database that is away must not hold a page: two seconds to connect, three for a query.
    connectionTimeoutMillis: 2_000,
    query_timeout: 3_000,
    // And the server must stop too: a write that we gave up must not be made after all.
    statement_timeout: 2_500,
  })
  // The pool emits this for idle connections that break; unheard, it would end the process.
  pool.on('error', (error) => console.error(`database: an idle connection broke: ${error.message}`))
  try {
    const client = await pool.connect()
    try {
      await client.query('select pg_advisory_lock($1)', [migrationLock])
      await migrate(drizzle(client), { migrationsFolder })
    } finally {
      await client.query('select pg_advisory_unlock($1)', [migrationLock]).catch(() => undefined)
      client.release()
    }
  } catch (error) {
    await pool.end().catch(() => undefined)
    throw error
  }
  return drizzle(pool)
}

async function openEmbedded(directory: string): Promise<Database> {
  const [{ PGlite }, { drizzle }, { migrate }] = await Promise.all([
    import('@electric-sql/pglite'),
    import('drizzle-orm/pglite'),
    import('drizzle-orm/pglite/migrator'),
  ])
  if (!directory.startsWith('memory://')) await mkdir(path.dirname(directory), { recursive: true })
  const database = drizzle(new PGlite(directory))
  await migrate(database, { migrationsFolder })
  return database
}

const opened = perProcess<Promise<Database> | undefined>('database', () => undefined)

/**
 * The database: Postgres at `DATABASE_URL`, else PGlite embedded in this process. Opened, and its
 * tables created, on first use; a failed opening is tried again by the next caller.
 * @throws {DatabaseUnavailable}
 */
export function database(): Promise<Database> {
  opened.value ??= open().catch((error: unknown) => {
    opened.value = undefined
    throw new DatabaseUnavailable(error)
  })
  return opened.value
}

async function open(): Promise<Database> {
  const { databaseUrl, databaseDir } = config()
  return databaseUrl ? openPostgres(databaseUrl) : openEmbedded(databaseDir)
}

/** Only for tests: use this database instead of the configured one. */
export function replaceDatabase(replacement: Database): void {
  opened.value = Promise.resolve(replacement)
}
