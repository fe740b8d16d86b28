import type { TestProject } from 'vitest/node'
import { migrate } from '../lib/server/migrate-database.ts'
import { startPostgres } from './postgres.ts'
import { postgresAt } from './postgres-server.ts'
import { onStopRequest, stopAll } from './processes.ts'

/**
 * One Postgres for a run of Vitest, with a database that `openTestDatabase` copies for each file.
 *
 * It is thrown away afterwards. TEST_DATABASE_URL names another server, for machines that have no embedded one;
 * what the tests create there is dropped again.
 */

declare module 'vitest' {
  interface ProvidedContext {
    postgres: { url: string; template: string }
  }
}

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  onStopRequest(() => void stopAll().then(() => process.exit(1)))
  const { TEST_DATABASE_URL } = process.env
  const own = TEST_DATABASE_URL ? null : await startPostgres({ isThrowAway: true })
  const postgres = own ?? postgresAt(TEST_DATABASE_URL as string)
  const prefix = `cutover_test_${process.pid}_`
  const template = `${prefix}template`
  await migrate(await postgres.createDatabase(template))
  provide('postgres', { url: postgres.url(), template })
  // Inherited by the tests, so that none reaches a database that the shell happens to name.
  process.env.DATABASE_URL = postgres.url(`${prefix}nobody`)
  return () => (own ? own.stop() : postgres.dropDatabases(prefix))
}
