import type { TestProject } from 'vitest/node'
import { onStopRequest, stopAll } from './processes.ts'
import { startTestPostgres } from './test-postgres.ts'

/** The Postgres of a run of Vitest, with a database that `openTestDatabase` copies for each file. */

declare module 'vitest' {
  interface ProvidedContext {
    postgres: { url: string; template: string }
  }
}

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  onStopRequest(() => void stopAll().then(() => process.exit(1)))
  const { server, prefix, template, stop } = await startTestPostgres()
  provide('postgres', { url: server.url(), template })
  // Inherited by the tests, so that none reaches a database that the shell happens to name.
  process.env.DATABASE_URL = server.url(`${prefix}nobody`)
  return stop
}
