import 'server-only'
import { setTimeout as delay } from 'node:timers/promises'
import { ProviderFailure } from '../../../provider-failure'
import { StytchRefusal } from '../../../stytch/client'
import { loadMapping, type Mapping } from '../source/mapping'
import { BackfillRefused } from './backfill-refused'
import { type BackfillRun, readRun, refuseLiveKeys, setState } from './backfill-run'
import { importRow } from './import-row'
import { createLimiter, type Limiter } from './limiter'
import { openRowSource, type ReadRow } from './row-source'
import {
  type ClaimedRow,
  claimRow,
  countRows,
  nextDue,
  type RowCounts,
  renewLeases,
  settleRow,
} from './rows'

/** How long after its death the rows of a process stay claimed. In milliseconds. */
const defaultLease = 30_000
/** Attempts until a row fails for good. A process that is killed has made one, too. */
const maximumAttempts = 6
/** Time-outs and outages of Stytch in a row that end the process. */
const maximumFailures = 100

export type ImportOptions = {
  runId: string
  /** Must be true with live keys. */
  live?: boolean
  /** Calls a second, by all processes together. The rate of the plan by default. */
  rate?: number
  /** The largest number of rows that this process imports. */
  limit?: number
  /** Imports this subject alone. */
  only?: string | null
  mapping?: Mapping
  leaseMilliseconds?: number
  /** The delay after the first failure of a row. Each further one doubles it. */
  retryMilliseconds?: number
  /** Stops after the rows in hand. */
  signal?: AbortSignal
  /** Called after each row. */
  onRow?: (row: { outcome: string; state: string; reason: string | null }) => void
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
 * @throws {BackfillRefused | SourceFileRefused | MappingRefused}
 * @throws {StytchRefusal} Stytch refuses our keys
 * @throws {ProviderFailure} Stytch has not answered for a long time
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function importRun(options: ImportOptions): Promise<ImportResult> {
  refuseLiveKeys(options.live)
  const { runId, only = null, signal } = options
  const run = await startRun(runId)
  const source = await openRowSource(run, options.mapping ?? (await loadMapping(null)))
  const rate = options.rate ?? run.rate
  const worker: Worker = {
    ...options,
    run,
    only,
    read: source.read,
    call: options.call ?? createLimiter(rate),
    left: options.limit ?? Number.POSITIVE_INFINITY,
    settled: 0,
    failures: 0,
    inHand: new Set(),
    stopped: new AbortController(),
  }
  signal?.addEventListener('abort', () => worker.stopped.abort(), { once: true })
  if (signal?.aborted) worker.stopped.abort()
  const heartbeat = keepLeases(worker)
  try {
    // A call takes about 200 ms, and a row has two of them.
    const workers = Math.min(Math.max(2, Math.ceil(rate / 3)), 30)
    const ends = await Promise.allSettled(Array.from({ length: workers }, () => work(worker)))
    const failed = ends.find((end) => end.status === 'rejected')
    if (failed) throw failed.reason
  } finally {
    clearInterval(heartbeat)
    await source.close()
  }
  const isDone = (await nextDue(runId)) === null
  if (isDone) await setState(runId, 'done')
  return { runId, isDone, settled: worker.settled, counts: await countRows(runId) }
}

async function startRun(runId: string): Promise<BackfillRun> {
  const run = await readRun(runId)
  if (run.state === 'undone') throw new BackfillRefused('run_undone')
  if (run.state === 'planned') await setState(runId, 'running')
  return run
}

type Worker = ImportOptions & {
  run: BackfillRun
  only: string | null
  read: ReadRow
  call: Limiter
  left: number
  settled: number
  /** Failures of Stytch in a row. */
  failures: number
  /** The rows that this process has claimed. */
  inHand: Set<ClaimedRow>
  stopped: AbortController
}

function keepLeases({ inHand, leaseMilliseconds = defaultLease }: Worker) {
  const renew = () => void renewLeases(inHand, leaseMilliseconds).catch(() => undefined)
  return setInterval(renew, leaseMilliseconds / 3)
}

async function work(worker: Worker): Promise<void> {
  const { run, only, stopped, leaseMilliseconds = defaultLease } = worker
  try {
    while (!stopped.signal.aborted && worker.left > 0) {
      worker.left -= 1
      const row = await claimRow(run.id, leaseMilliseconds, only)
      if (row) {
        await finishRow(row, worker)
        continue
      }
      worker.left += 1
      // Another process may hold the last rows. If it dies, this one takes them over.
      const wait = await nextDue(run.id, only)
      if (wait === null) return
      await delay(Math.min(Math.max(wait, 50), 250), undefined, { signal: stopped.signal }).catch(
        () => undefined,
      )
    }
  } catch (error) {
    stopped.abort()
    throw error
  }
}

async function finishRow(row: ClaimedRow, worker: Worker): Promise<void> {
  worker.inHand.add(row)
  const settlement = await settlementOf(row, worker).finally(() => worker.inHand.delete(row))
  if (!(await settleRow(row, settlement))) return
  if (settlement.state !== 'planned') worker.settled += 1
  const { state, reason } = settlement
  worker.onRow?.({ outcome: row.outcome, state, reason })
}

async function settlementOf(
  row: ClaimedRow,
  worker: Worker,
): Promise<Parameters<typeof settleRow>[1]> {
  const { run, call, read, retryMilliseconds = 1_000 } = worker
  if (row.attempts > maximumAttempts) return { state: 'failed', reason: 'attempts_exhausted' }
  try {
    const source = await read(row)
    if ('problem' in source) return { state: 'failed', reason: source.problem }
    const settlement = await importRow(row, source, {
      call,
      runId: run.id,
      plannedAt: run.createdAt,
    })
    worker.failures = 0
    return settlement
  } catch (error) {
    const reason = retryReason(error)
    if (reason === null) return { state: 'failed', reason: refusalReason(error) }
    worker.failures += 1
    // The row stays claimed, and is due again after its lease.
    if (worker.failures >= maximumFailures) throw error
    const wait = retryMilliseconds * 2 ** (row.attempts - 1)
    return row.attempts < maximumAttempts
      ? { state: 'planned', reason, retryMilliseconds: wait }
      : { state: 'failed', reason }
  }
}

/** The reason to try again, if it is unknown whether the call had an effect. The next attempt looks the user up first. */
function retryReason(error: unknown): string | null {
  if (error instanceof ProviderFailure) return `stytch_${error.code}`
  if (!(error instanceof StytchRefusal)) return null
  if (error.status === 408) return 'stytch_timeout'
  // Another process had the row, and its late call came first.
  return error.errorType === 'password_already_exists' ? `stytch_${error.errorType}` : null
}

/** The code of a refusal of this user. @throws everything else, which would meet every row */
function refusalReason(error: unknown): string {
  const isAboutUser = error instanceof StytchRefusal && error.status !== 401 && error.status !== 403
  if (!isAboutUser) throw error
  return `stytch_${error.errorType}`
}
