import 'server-only'
import { loadMapping, type Mapping } from '../source/mapping'
import { BackfillRefused } from './backfill-refused'
import { type BackfillRun, readRun, refuseLiveKeys, setRate, setState } from './backfill-run'
import type { CurrentRecords } from './current-records'
import { importRow } from './import-row'
import { createLimiter, type Limiter } from './limiter'
import { createPauseWatch } from './pause'
import { openRowSource } from './row-source'
import { settleRows, type WorkOptions } from './row-workers'
import { countRows, nextDue, type RowCounts, toImport } from './rows'

export type ImportOptions = WorkOptions & {
  runId: string
  /** Must be true with live keys. */
  live?: boolean
  /** Calls a second, by all processes together. The rate of the plan by default. */
  rate?: number
  /** Imports this subject alone. */
  only?: string | null
  mapping?: Mapping
  /** Reads what the legacy provider says now. Without it, what the file says counts. */
  records?: CurrentRecords | null
  /** Called when an operator pauses or resumes the run while this process has work. */
  onPause?: (isPaused: boolean) => void
  /** Tests replace it. */
  call?: Limiter
}

export type ImportResult = {
  runId: string
  /** Whether no row of the run waits any more. */
  isDone: boolean
  /** Rows that this process settled. */
  settled: number
  /** All rows of the run, by state and code. */
  counts: RowCounts
}

/**
 * Imports the planned rows of a run. To run it again is to resume. Several processes share the rows and the rate.
 * @throws {BackfillRefused | SourceFileRefused | MappingRefused} and the errors of {@link settleRows}
 */
export async function importRun(options: ImportOptions): Promise<ImportResult> {
  refuseLiveKeys(options.live)
  const { runId, only = null, records = null } = options
  const run = await startRun(runId)
  const rate = options.rate ?? run.rate
  // The control room shows the time that is left at this rate.
  if (rate !== run.rate) await setRate(runId, rate)
  const pause = createPauseWatch(runId, options.onPause)
  const call = options.call ?? createLimiter(rate, { beforeRetry: pause.untilResumed })
  const source = await openRowSource(run, options.mapping ?? (await loadMapping(null)))
  let settled: number
  try {
    settled = await settleRows({
      ...options,
      rate,
      waiting: toImport(only),
      pause,
      maximumAttempts: 6,
      async settle(row) {
        const person = await source.read(row)
        if ('problem' in person) return { state: 'failed', reason: person.problem }
        return importRow(row, person, { call, runId, plannedAt: run.createdAt, records })
      },
      refused: (reason) => ({ state: 'failed', reason }),
    })
  } finally {
    await source.close()
  }
  const isDone = (await nextDue(runId, toImport(null))) === null
  if (isDone && (await readRun(runId)).state === 'running') await setState(runId, 'done')
  return { runId, isDone, settled, counts: await countRows(runId) }
}

async function startRun(runId: string): Promise<BackfillRun> {
  const run = await readRun(runId)
  if (run.state === 'undone') throw new BackfillRefused('run_undone')
  if (run.pausedAt) throw new BackfillRefused('run_paused')
  // `reconcile --fix` gives rows back to an import that has ended.
  const hasRows = (await nextDue(runId, toImport(null))) !== null
  if (run.state === 'planned' || (run.state === 'done' && hasRows)) await setState(runId, 'running')
  return run
}
