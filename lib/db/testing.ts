import { PGlite } from '@electric-sql/pglite'
import { drizzle } from 'drizzle-orm/pglite'
import { migrate } from 'drizzle-orm/pglite/migrator'
import { type Database, replaceDatabase } from './database'

/** Only for tests: a fresh database in memory, with the real tables, for all of `lib`. */
export async function openTestDatabase(): Promise<Database> {
  const database = drizzle(new PGlite('memory://'))
  await migrate(database, { migrationsFolder: 'lib/db/migrations' })
  replaceDatabase(database)
  return database
}
