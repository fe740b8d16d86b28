import { existsSync } from 'node:fs'

/**
 * Runs `npm run db:migrate`. It reads DATABASE_URL and logs each migration. On a failure the exit code is 1.
 * @param migrate gives the names of the migrations that were applied
 */
export async function runMigrateCommand(
  migrate: (url: string, log: (line: string) => void) => Promise<string[]>,
): Promise<void> {
  try {
    // Loads the same file as next.config.ts. A variable that is already set keeps its value.
    const file = `.env-${process.env.STYTCH_PROJECT_ENV ?? 'test'}`
    if (existsSync(file)) process.loadEnvFile(file)
    const url = process.env.DATABASE_URL
    if (!url) throw new Error(`DATABASE_URL is set neither in the environment nor in ${file}.`)
    const applied = await migrate(url, console.log)
    console.log(`The database is up to date (${applied.length || 'no'} new migrations).`)
  } catch (error) {
    console.error(`The database is not up to date: ${reasonOf(error as Error & { code?: string })}`)
    process.exitCode = 1
  }
}

function reasonOf({ message, code }: Error & { code?: string }): string {
  // PgBouncer answers with this code (protocol violation) to a parameter that it does not pass on.
  if (code === '08P01') {
    return `${message}. The migration needs a direct connection to Postgres, and not one through PgBouncer: DATABASE_URL=postgres://… npm run db:migrate`
  }
  return message || `the server cannot be reached (${code}).`
}
