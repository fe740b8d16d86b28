import 'server-only'
import { setTimeout as delay } from 'node:timers/promises'
import type { SQL } from 'drizzle-orm'
import { ProviderFailure } from '../../../provider-failure'
import { StytchRefusal } from '../../../stytch/client'
import { type ClaimedRow, claimRow, nextDue, renewLeases, type Settlement, settleRow } from './rows'

/** How long after its death the rows of a process stay claimed. In milliseconds. */
const defaultLease = 30_000
/** Time-outs and outages of Stytch in a row that end the process. */
const maximumFailures = 100

export type RowProgress = { outcome: string; state: string; reason: string | null }

/** How this process works on rows. */
export type WorkOptions = {
  /** The largest number of rows that this process settles. */
  limit?: number
  leaseMilliseconds?: number
  /** The delay after the first failure of a row. Each further one doubles it. */
  retryMilliseconds?: number
  /** Stops after the rows in hand. */
  signal?: AbortSignal
  /** Called after each row. */
  onRow?: (row: RowProgress) => void
}

type Work = WorkOptions & {
  runId: string
  /** The rows to work on. */
  waiting: SQL
  /** Calls to Stytch a second. */
  rate: number
  /** Attempts until a row fails for good. A process that is killed has made one, too. */
  maximumAttempts: number
  settle: (row: ClaimedRow) => Promise<Settlement>
  /** The end of a row that Stytch refuses. */
  refused: (code: string) => Settlement
}

/**
 * Works on the waiting rows of a run until none is left, also of those that other processes hold.
 * @returns how many this process settled
 * @throws {StytchRefusal} Stytch refuses our keys
 * @throws {ProviderFailure} Stytch has not answered for a long time
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function settleRows(work: Work): Promise<number> {
  const { rate, signal, leaseMilliseconds = defaultLease } = work
  const pool: Pool = {
    ...work,
    leaseMilliseconds,
    left: work.limit ?? Number.POSITIVE_INFINITY,
    settled: 0,
    failures: 0,
    inHand: new Set(),
    stopped: new AbortController(),
  }
  signal?.addEventListener('abort', () => pool.stopped.abort(), { once: true })
  if (signal?.aborted) pool.stopped.abort()
  const renew = () => void renewLeases(pool.inHand, leaseMilliseconds).catch(() => undefined)
  const heartbeat = setInterval(renew, leaseMilliseconds / 3)
  try {
    // A call takes about 200 ms, and a row has two of them.
    const workers = Math.min(Math.max(2, Math.ceil(rate / 3)), 30)
    const ends = await Promise.allSettled(Array.from({ length: workers }, () => workOn(pool)))
    const failed = ends.find((end) => end.status === 'rejected')
    if (failed) throw failed.reason
  } finally {
    clearInterval(heartbeat)
  }
  return pool.settled
}

type Pool = Work & {
  leaseMilliseconds: number
  left: number
  settled: number
  /** Failures of Stytch in a row. */
  failures: number
  /** The rows that this process has claimed. */
  inHand: Set<ClaimedRow>
  stopped: AbortController
}

async function workOn(pool: Pool): Promise<void> {
  const { runId, waiting, stopped, leaseMilliseconds } = pool
  try {
    while (!stopped.signal.aborted && pool.left > 0) {
      pool.left -= 1
      const row = await claimRow(runId, leaseMilliseconds, waiting)
      if (row) {
        await finishRow(row, pool)
        continue
      }
      pool.left += 1
      // Another process may hold the last rows. If it dies, this one takes them over.
      const wait = await nextDue(runId, waiting)
      if (wait === null) return
      const pause = Math.min(Math.max(wait, 50), 250)
      await delay(pause, undefined, { signal: stopped.signal }).catch(() => undefined)
    }
  } catch (error) {
    stopped.abort()
    throw error
  }
}

async function finishRow(row: ClaimedRow, pool: Pool): Promise<void> {
  pool.inHand.add(row)
  const settlement = await settlementOf(row, pool).finally(() => pool.inHand.delete(row))
  if (!(await settleRow(row, settlement))) return
  if (settlement.state !== 'planned') pool.settled += 1
  const { state, reason } = settlement
  pool.onRow?.({ outcome: row.outcome, state, reason })
}

async function settlementOf(row: ClaimedRow, pool: Pool): Promise<Settlement> {
  const { maximumAttempts, retryMilliseconds = 1_000 } = pool
  if (row.attempts > maximumAttempts) return { state: 'failed', reason: 'attempts_exhausted' }
  try {
    const settlement = await pool.settle(row)
    pool.failures = 0
    return settlement
  } catch (error) {
    const reason = retryReason(error)
    if (reason === null) return pool.refused(refusalCode(error))
    pool.failures += 1
    // The row stays claimed, and is due again after its lease.
    if (pool.failures >= maximumFailures) throw error
    const wait = retryMilliseconds * 2 ** (Math.min(row.attempts, 10) - 1)
    return row.attempts === maximumAttempts
      ? { state: 'failed', reason }
      : { state: 'planned', reason, retryMilliseconds: wait }
  }
}

/** The reason to try again, if it is unknown whether the call had an effect. The next attempt looks the user up first. */
function retryReason(error: unknown): string | null {
  if (error instanceof ProviderFailure) return `${error.provider}_${error.code}`
  if (!(error instanceof StytchRefusal)) return null
  if (error.status === 408) return 'stytch_timeout'
  // Another process had the row, and its late call came first.
  return error.errorType === 'password_already_exists' ? `stytch_${error.errorType}` : null
}

/** The code of a refusal of this user. @throws everything else, which would meet every row */
function refusalCode(error: unknown): string {
  const isAboutUser = error instanceof StytchRefusal && error.status !== 401 && error.status !== 403
  if (!isAboutUser) throw error
  return `stytch_${error.errorType}`
}
