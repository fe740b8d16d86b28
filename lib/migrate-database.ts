import { existsSync } from 'node:fs'
import { installQueue } from './cutover/mirror/install-queue.ts'
import { migrateDatabase } from './db/migrate.ts'

/**
 * `npm run db:migrate`: creates the tables of the database at `DATABASE_URL`, or brings them up to date. Run
 * it before each new version of the app starts; any number of times, and from any number of hosts at once.
 *
 * It needs a direct connection. Where the app goes through PgBouncer, name the server itself:
 * `DATABASE_URL=postgres://… npm run db:migrate`.
 */

/** @returns the names of the migrations that were applied */
export function migrate(url: string, log?: (line: string) => void): Promise<string[]> {
  return migrateDatabase(url, { log, more: (client) => installQueue(client, url) })
}

async function run(): Promise<void> {
  // As next.config.ts does: what is set already stays.
  const file = `.env-${process.env.STYTCH_PROJECT_ENV ?? 'test'}`
  if (existsSync(file)) process.loadEnvFile(file)
  const url = process.env.DATABASE_URL
  if (!url) throw new Error(`DATABASE_URL is not set, neither in the environment nor in ${file}.`)
  const applied = await migrate(url, console.log)
  console.log(`The database is up to date (${applied.length || 'no'} new migrations).`)
}

if (import.meta.main) {
  await run().catch((error: Error) => {
    console.error(`The database is not migrated: ${error.message}`)
    process.exitCode = 1
  })
}
