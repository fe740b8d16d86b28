import { installQueue } from '../cutover/mirror/install-queue.ts'
import { migrateDatabase } from '../db/migrate.ts'
import { runMigrateCommand } from '../db/migrate-command.ts'

/**
 * `npm run db:migrate` creates the tables of the database at `DATABASE_URL`, or brings them up to date. Run it before
 * each new version of the app starts. It may run several times, and on several hosts at once.
 *
 * It needs a direct connection. If the app uses PgBouncer, give this command the address of Postgres itself:
 * `DATABASE_URL=postgres://… npm run db:migrate`.
 *
 * @returns the names of the migrations that were applied
 */
export const migrate = (url: string, log?: (line: string) => void): Promise<string[]> =>
  migrateDatabase(url, { log, more: (client) => installQueue(client, url) })

if (import.meta.main) await runMigrateCommand(migrate)
