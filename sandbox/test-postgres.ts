import { migrate } from '../lib/server/migrate-database.ts'
import { startPostgres } from './postgres.ts'
import { type PostgresServer, postgresAt } from './postgres-server.ts'

/**
 * One Postgres for a run of tests, with a migrated database that tests copy. It is thrown away afterwards.
 *
 * TEST_DATABASE_URL names another server, for machines that have no embedded one. What the tests create there
 * is dropped again.
 */
export type TestPostgres = {
  server: PostgresServer
  /** Begins the name of each database of this run, the template's too. */
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
