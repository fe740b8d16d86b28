import type { TestProject } from 'vitest/node'
import { onStopRequest, stopAll } from './processes.ts'
import { startTestPostgres } from './test-postgres.ts'

/** Starts one Postgres for a run of Vitest. `openTestDatabase` copies its template for each test file. */

declare module 'vitest' {
  interface ProvidedContext {
    postgres: { url: string; template: string }
  }
}

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  onStopRequest(() => void stopAll().then(() => process.exit(1)))
  const { server, prefix, template, stop } = await startTestPostgres()
  provide('postgres', { url: server.url(), template })
  // The tests inherit this name of no database, so that no test reaches the DATABASE_URL of the shell.
  process.env.DATABASE_URL = server.url(`${prefix}nobody`)
  return stop
}
