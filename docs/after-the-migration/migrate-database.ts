import { migrateDatabase } from '../db/migrate.ts'
import { runMigrateCommand } from '../db/migrate-command.ts'

/** `npm run db:migrate`: creates the tables of the database at `DATABASE_URL`, or brings them up to date. */
export const migrate = (url: string, log?: (line: string) => void): Promise<string[]> =>
  migrateDatabase(url, { log })

if (import.meta.main) await runMigrateCommand(migrate)
