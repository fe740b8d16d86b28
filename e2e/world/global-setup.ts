import { join } from 'node:path'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import { startPostgres } from '../../sandbox/postgres.ts'
import { root } from '../../sandbox/processes.ts'
import { templateDatabase } from './database.ts'

/** Starts the Postgres that all worlds share, and makes the database that each of them copies. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  const postgres = await startPostgres({ isThrowAway: true })
  // Workers inherit it.
  process.env.E2E_POSTGRES_URL = postgres.url()
  const client = new pg.Client({
    connectionString: await postgres.createDatabase(templateDatabase),
  })
  await client.connect()
  await migrate(drizzle(client), { migrationsFolder: join(root, 'lib/db/migrations') })
  // Nobody may be connected to a database that is copied.
  await client.end()
  return () => postgres.stop()
}
