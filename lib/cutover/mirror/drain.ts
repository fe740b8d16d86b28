import 'server-only'
import type { JobWithMetadata, PgBoss } from 'pg-boss'
import { errorText } from '../../error-text'
import { legacyConfig } from '../../legacy/config'
import { LegacyRefusal } from '../../legacy/record'
import { ProviderFailure } from '../../provider-failure'
import { recordEvent } from '../events/record'
import { clearExpiredPasswords } from '../retention'
import { type DrainLimits, dueJobs, maintenanceTimer } from './due-jobs'
import { MirrorRefused } from './legacy-records'
import { syncMember } from './members'
import { isMemberJob, type MirrorJob, queue } from './queue'
import { deadQueue, mirrorQueue } from './queue-names'
import { syncRecord } from './sync-record'
import type { SyncResult } from './sync-result'

export type DrainResult = {
  done: number
  failed: number
  /** Set when the legacy provider limits our rate. */
  pausedUntil: Date | null
}

const isMaintenanceDue = maintenanceTimer()

/**
 * Runs the jobs that are due, one after the other, until none is left.
 * @throws {DatabaseUnavailable} and driver errors. After a failure of a provider the job is retried instead.
 */
export async function drain(limits: DrainLimits = {}): Promise<DrainResult> {
  const boss = await queue()
  await maintainQueue(boss)
  const drained: DrainResult = { done: 0, failed: 0, pausedUntil: null }
  for await (const job of dueJobs<MirrorJob>(boss, mirrorQueue, limits)) {
    const outcome = await runJob(boss, job)
    drained[outcome.done ? 'done' : 'failed'] += 1
    if (outcome.pausedUntil) {
      // The rate limit applies to the whole tenant, so every other job would be refused too.
      drained.pausedUntil = outcome.pausedUntil
      break
    }
  }
  return drained
}

async function maintainQueue(boss: PgBoss): Promise<void> {
  if (!isMaintenanceDue()) return
  await boss.supervise()
  await clearExpiredPasswords(new Date())
}

async function runJob(
  boss: PgBoss,
  job: JobWithMetadata<MirrorJob>,
): Promise<{ done: boolean; pausedUntil: Date | null }> {
  const started = performance.now()
  const record = (result: string, reason: string, subject: string | null) =>
    recordEvent({
      at: new Date(),
      kind: 'mirror',
      accountId: job.data.accountId,
      issuer: legacyConfig().issuer,
      subject,
      lane: 'stytch',
      result,
      reason,
      milliseconds: performance.now() - started,
      policyVersion: 0,
    })
  try {
    const { result, subject, reason } = await syncJob(job.data)
    await boss.complete(mirrorQueue, job.id, { result })
    await record(result, reason, subject)
    return { done: true, pausedUntil: null }
  } catch (error) {
    const reason = reasonOf(error)
    // Other refusals of the legacy provider are races with another writer (404, 409): a retry may succeed.
    const isRefusal =
      error instanceof MirrorRefused || (error instanceof LegacyRefusal && error.status === 400)
    if (isRefusal || job.retryCount >= job.retryLimit) {
      await boss.send(deadQueue, { ...job.data, reason }, { singletonKey: job.data.accountId })
      await boss.complete(mirrorQueue, job.id, { reason })
      await record(isRefusal ? 'refused' : 'dead', reason, null)
      return { done: false, pausedUntil: null }
    }
    if (reason === 'internal_error') console.error(`mirror: the job failed: ${errorText(error)}`)
    await boss.fail(mirrorQueue, job.id, { reason })
    const retryAt = error instanceof ProviderFailure ? error.retryAt : null
    if (retryAt) {
      // A random delay, so that the instances do not all retry when the rate limit ends.
      const startAfter = new Date(Math.max(retryAt.getTime(), Date.now()) + Math.random() * 2_000)
      await boss.update(mirrorQueue, undefined, { id: job.id, startAfter })
    }
    await record('failed', reason, null)
    return { done: false, pausedUntil: retryAt }
  }
}

async function syncJob(
  job: MirrorJob,
): Promise<Pick<SyncResult, 'result' | 'subject'> & { reason: string }> {
  if (isMemberJob(job)) return { ...(await syncMember(job)), reason: job.change }
  const synced = await syncRecord(job, new Date())
  return { ...synced, reason: `${job.change}_password_${synced.password}` }
}

function reasonOf(error: unknown): string {
  if (error instanceof MirrorRefused) return error.reason
  if (error instanceof ProviderFailure) return `${error.provider}_${error.code}`
  return error instanceof LegacyRefusal ? `legacy_${error.errorCode}` : 'internal_error'
}
