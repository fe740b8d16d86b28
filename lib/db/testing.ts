import type { Pool } from 'pg'
import { afterAll, inject } from 'vitest'
import { postgresAt } from '../../sandbox/postgres-server.ts'
import { type Database, openDatabase, replaceDatabase } from './database'

const pools = new Set<Pool>()

/** Only for tests: closes the connections of {@link openTestDatabase}, so that the database is unavailable. */
export async function closeTestDatabase(): Promise<void> {
  const closing = [...pools]
  pools.clear()
  await Promise.all(closing.map((pool) => pool.end()))
}

// Runs at the end of each test file that imports this one.
afterAll(closeTestDatabase)

/** Only for tests: a fresh database with the real tables, for all of `lib`. */
export async function openTestDatabase(): Promise<Database> {
  const opened = await openDatabase(await createTestDatabase())
  pools.add(opened.pool)
  replaceDatabase(opened)
  return opened.db
}

/** Only for tests: a fresh database with the real tables. @returns its address */
export function createTestDatabase(): Promise<string> {
  const { url, template } = inject('postgres')
  const name = template.replace(/template$/, crypto.randomUUID())
  return postgresAt(url).createDatabase(name, template)
}
