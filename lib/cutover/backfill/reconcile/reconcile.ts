import 'server-only'
import { BackfillRefused } from '../import/backfill-refused'
import { readRun, refuseLiveKeys } from '../import/backfill-run'
import type { CurrentRecords } from '../import/current-records'
import { importRun } from '../import/import'
import { createLimiter, type Limiter } from '../import/limiter'
import type { RowCounts } from '../import/rows'
import { loadMapping, type Mapping } from '../source/mapping'
import { compareSides } from './compare'
import {
  type Difference,
  type DifferenceCounts,
  type FixableCode,
  isNote,
  type NoteCode,
} from './differences'
import { fixes } from './fix'
import { storeResult } from './results'
import { createAddressKey, deleteSides, writeSource, writeStytch } from './sides'

export type ReconcileOptions = {
  /** The run whose file of users is compared. */
  runId: string
  /** A newer export of the users, in place of that of the run. */
  usersFile?: string | null
  /** Mends the differences with this code. */
  fix?: FixableCode | null
  /** Must be true with live keys, if something is mended. */
  live?: boolean
  /** Calls a second, by all processes together. The rate of the plan by default. */
  rate?: number
  mapping?: Mapping
  /** Today's records of the users that are mended: see {@link importRun}. */
  records?: CurrentRecords | null
  now?: Date
  onUsers?: (count: number) => void
  /** Called for each difference, as they are found. */
  onDifference?: (difference: Difference) => void
  /** Tests replace it. */
  call?: Limiter
}

export type ReconcileResult = {
  runId: string
  /** The users that were compared, and the lines of the file that were not. */
  users: { source: number; stytch: number; notCompared: number }
  counts: DifferenceCounts
  /** What is no difference. */
  notes: Partial<Record<NoteCode, number>>
  /** Differences that were mended, or were given to the import. */
  mended: number
  /** The rows of the run after the import of the mended ones. Null if none was imported. */
  imported: RowCounts | null
}

/**
 * Compares the users of the file with those of Stytch, and names each difference. Both sides are streamed through the
 * database, so the memory stays flat. It changes nothing without `fix`.
 *
 * Stytch lists its users in pages while they change. So a difference of somebody who signed up or changed meanwhile may
 * be gone in the next reconciliation.
 * @throws {BackfillRefused | SourceFileRefused | StytchRefusal | ProviderFailure | DatabaseUnavailable}
 */
export async function reconcile(options: ReconcileOptions): Promise<ReconcileResult> {
  const { runId, fix = null, records = null, onDifference, onUsers } = options
  if (fix) refuseLiveKeys(options.live)
  const run = await readRun(runId)
  if (run.state === 'undone') throw new BackfillRefused('run_undone')
  const rate = options.rate ?? run.rate
  const call = options.call ?? createLimiter(rate)
  const reconcileId = crypto.randomUUID()
  const addressKey = createAddressKey()
  const counts: DifferenceCounts = {}
  const notes: ReconcileResult['notes'] = {}
  const mapping = options.mapping ?? (await loadMapping(null))
  const usersFile = options.usersFile ?? run.usersFile
  let mended = 0
  let users: ReconcileResult['users']
  try {
    users = {
      ...(await writeSource(reconcileId, usersFile, addressKey, mapping)),
      stytch: await writeStytch(reconcileId, call, addressKey, onUsers),
    }
    for await (const found of compareSides(reconcileId, runId)) {
      if (isNote(found)) {
        notes[found.code] = (notes[found.code] ?? 0) + 1
        continue
      }
      const { code } = found
      counts[code] = (counts[code] ?? 0) + 1
      onDifference?.(found)
      if (code === fix && (await fixes[fix](found, { runId, call, records }))) mended += 1
    }
  } finally {
    await deleteSides(reconcileId)
  }
  const { now: at = new Date(), live } = options
  const leftOut = notes.left_out ?? 0
  await storeResult({ id: reconcileId, runId, at, users, leftOut, counts, fix, mended })
  const needsImport = mended > 0 && fix !== 'blocked_there_live_here'
  const imported = needsImport
    ? (await importRun({ runId, rate, call, live, mapping, records })).counts
    : null
  return { runId, users, counts, notes, mended, imported }
}
