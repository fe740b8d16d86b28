import { migrate } from '../lib/server/migrate-database.ts'
import { startPostgres } from './postgres.ts'
import { type PostgresServer, postgresAt } from './postgres-server.ts'

/**
 * One Postgres for a run of tests, with a migrated database that tests copy. `stop` deletes it.
 *
 * TEST_DATABASE_URL names another server, for machines without an embedded Postgres. There, `stop` drops only the
 * databases of this run.
 */
export type TestPostgres = {
  server: PostgresServer
  /** The name of each database of this run begins with it, also that of the template. */
  prefix: string
  template: string
  stop(): Promise<void>
}

export async function startTestPostgres(): Promise<TestPostgres> {
  const { TEST_DATABASE_URL } = process.env
  const own = TEST_DATABASE_URL ? null : await startPostgres({ isThrowAway: true })
  const server = own ?? postgresAt(TEST_DATABASE_URL as string)
  const prefix = `cutover_test_${process.pid}_`
  const template = `${prefix}template`
  await migrate(await server.createDatabase(template))
  return {
    server,
    prefix,
    template,
    stop: () => (own ? own.stop() : server.dropDatabases(prefix)),
  }
}
