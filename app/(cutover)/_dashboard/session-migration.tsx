import { headers } from 'next/headers'
import { config } from '@/lib/config'
import { decodeTrace, traceHeader } from '@/lib/request/trace'
import { SessionMigrationStatus } from './session-migration-status'

/** Starts the migration in the background when the middleware's verdict asks for it. */
export async function SessionMigration() {
  const trace = decodeTrace((await headers()).get(traceHeader))
  return (
    <SessionMigrationStatus
      isDue={trace?.migrate ?? false}
      team={trace?.team ?? null}
      showReason={config().sandbox}
    />
  )
}
