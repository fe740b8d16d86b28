import { startTestPostgres } from '../../sandbox/test-postgres.ts'
import { shareDatabaseServer } from './database.ts'

/** Starts the Postgres that all worlds share. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  const postgres = await startTestPostgres()
  shareDatabaseServer(postgres)
  return postgres.stop
}
