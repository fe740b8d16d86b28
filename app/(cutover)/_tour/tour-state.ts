import 'server-only'
import { headers } from 'next/headers'
import { listNotes } from '@/app/(consumer)/dashboard/notes'
import { type CurrentMembership, currentMembership } from '@/lib/cutover/member-migration'
import {
  type MigrationProgress,
  readMigrationProgress,
} from '@/lib/cutover/observability/migration-progress'
import { errorText } from '@/lib/error-text'
import { decodeTrace, type Trace, traceHeader } from '@/lib/request/trace'
import { getViewer } from '@/lib/viewer'

/** Current state of the visitor's session and of the migration. It contains no token and no cookie value. */
export type TourState = {
  trace: Trace
  expiresAt: Date | null
  hasNotes: boolean
  progress: MigrationProgress
  /** The member's session in this browser. Null without a session of a team. */
  team: CurrentMembership | null
}

/** Null if the middleware left no trace or the database is unavailable. */
export async function readTourState(): Promise<TourState | null> {
  const trace = decodeTrace((await headers()).get(traceHeader))
  if (!trace) return null
  const viewer = await getViewer()
  const accountId = viewer?.account?.id ?? null
  try {
    const [progress, notes, team] = await Promise.all([
      readMigrationProgress(accountId),
      accountId ? listNotes(accountId) : [],
      currentMembership(),
    ])
    return {
      trace,
      expiresAt: viewer?.expiresAt ?? null,
      hasNotes: notes.length > 0,
      progress,
      team,
    }
  } catch (error) {
    console.error(`tour: ${errorText(error)}`)
    return null
  }
}
