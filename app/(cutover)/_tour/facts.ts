import 'server-only'
import { headers } from 'next/headers'
import { listNotes } from '@/app/dashboard/notes'
import {
  type MigrationProgress,
  readMigrationProgress,
} from '@/lib/cutover/observability/migration-progress'
import { errorText } from '@/lib/error-text'
import { decodeTrace, type Trace, traceHeader } from '@/lib/request/trace'
import { getViewer } from '@/lib/viewer'

/** What is so at this moment: for the browser that asks, and for the migration. No token, and no value of a cookie. */
export type Facts = {
  trace: Trace
  expiresAt: Date | null
  hasNotes: boolean
  progress: MigrationProgress
}

/** Null where there is nothing to tell: no middleware ran, the database is away, or the migration is over. */
export async function readFacts(): Promise<Facts | null> {
  const trace = decodeTrace((await headers()).get(traceHeader))
  if (!trace) return null
  const viewer = await getViewer()
  const accountId = viewer?.account?.id ?? null
  try {
    const [progress, notes] = await Promise.all([
      readMigrationProgress(accountId),
      accountId ? listNotes(accountId) : [],
    ])
    return {
      trace,
      expiresAt: viewer?.expiresAt ?? null,
      hasNotes: notes.length > 0,
      progress,
    }
  } catch (error) {
    console.error(`tour: ${errorText(error)}`)
    return null
  }
}
