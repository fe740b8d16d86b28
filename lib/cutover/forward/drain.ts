import 'server-only'
import { and, eq, sql } from 'drizzle-orm'
import type { JobWithMetadata, PgBoss } from 'pg-boss'
import { database } from '../../db/database'
import { errorText } from '../../error-text'
import { legacyConfig } from '../../legacy/config'
import { LegacyRefusal } from '../../legacy/record'
import { ProviderFailure } from '../../provider-failure'
import { StytchRefusal } from '../../stytch/client'
import { createLimiter, type Limiter } from '../backfill/import/limiter'
import { recordEvent } from '../events/record'
import { type DrainLimits, dueJobs, maintenanceTimer } from '../mirror/due-jobs'
import { queue } from '../mirror/queue'
import { forwardQueue } from '../mirror/queue-names'
import { events } from '../schema'
import { SessionsAreEnding } from './delete-user'
import type { ForwardJob } from './forward-jobs'
import { forwardUser } from './forward-user'
import { knownUser } from './known-user'
import { type Forwarded, leftOut } from './outcome'
import { MirrorIsWriting } from './remove-password'
import { ImportInProgress } from './waiting-rows'

export type Drained = {
  done: number
  failed: number
  /** Set when the legacy provider limits our rate. */
  pausedUntil: Date | null
}

/** Calls to Stytch a second, as an import has by default. All processes share the limit. */
const rate = 60

const isMaintenanceDue = maintenanceTimer()

/**
 * Runs the jobs that are due, one after the other, until none is left. A job whose provider fails is retried later.
 * @param call tests replace it
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function drainForward(
  limits: DrainLimits = {},
  call: Limiter = createLimiter(rate),
): Promise<Drained> {
  const boss = await queue()
  if (isMaintenanceDue()) await boss.supervise(forwardQueue)
  const drained: Drained = { done: 0, failed: 0, pausedUntil: null }
  for await (const job of dueJobs<ForwardJob>(boss, forwardQueue, limits)) {
    const { isDone, pausedUntil } = await runJob(boss, job, call)
    drained[isDone ? 'done' : 'failed'] += 1
    if (pausedUntil) {
      // The rate limit applies to the whole tenant, so every other job would be refused too.
      drained.pausedUntil = pausedUntil
      break
    }
  }
  return drained
}

type Ran = { isDone: boolean; pausedUntil: Date | null }

async function runJob(boss: PgBoss, job: JobWithMetadata<ForwardJob>, call: Limiter): Promise<Ran> {
  const started = performance.now()
  const { subject } = job.data
  const record = (result: string, reason: string) =>
    recordForward(subject, { result, reason, milliseconds: performance.now() - started })
  try {
    await forwardOrLeaveOut(job.data, call, async ({ result, reason }) => {
      if (result === 'written' || !(await isRecorded(subject, reason))) await record(result, reason)
    })
    await boss.complete(forwardQueue, job.id)
    return { isDone: true, pausedUntil: null }
  } catch (error) {
    const reason = reasonOf(error)
    if (reason === 'internal_error') console.error(`forward: the job failed: ${errorText(error)}`)
    await boss.fail(forwardQueue, job.id, { reason })
    if (isTooEarly(error)) return { isDone: false, pausedUntil: null }
    await record(job.retryCount >= job.retryLimit ? 'dead' : 'failed', reason)
    const retryAt = error instanceof ProviderFailure ? error.retryAt : null
    if (!retryAt) return { isDone: false, pausedUntil: null }
    // A random delay, so that the instances do not all retry when the rate limit ends.
    const startAfter = new Date(Math.max(retryAt.getTime(), Date.now()) + Math.random() * 2_000)
    await boss.update(forwardQueue, undefined, { id: job.id, startAfter })
    return { isDone: false, pausedUntil: retryAt }
  }
}

/** A refusal of this user is final. One of our keys is not, since an operator can correct them. */
async function forwardOrLeaveOut(
  job: ForwardJob,
  call: Limiter,
  report: (forwarded: Forwarded) => Promise<void>,
): Promise<void> {
  try {
    await forwardUser(job, call, report)
  } catch (error) {
    if (error instanceof StytchRefusal && ![401, 403, 408].includes(error.status)) {
      return report(leftOut(`stytch_${error.errorType}`))
    }
    if (error instanceof LegacyRefusal && error.status === 400) {
      return report(leftOut(`legacy_${error.errorCode}`))
    }
    throw error
  }
}

/** Another job writes this user now. The next attempt knows its result. */
const isTooEarly = (error: unknown): error is Error & { code: string } =>
  error instanceof ImportInProgress ||
  error instanceof MirrorIsWriting ||
  error instanceof SessionsAreEnding

function reasonOf(error: unknown): string {
  if (isTooEarly(error)) return error.code
  if (error instanceof ProviderFailure) return `${error.provider}_${error.code}`
  if (error instanceof StytchRefusal) return `stytch_${error.errorType}`
  return error instanceof LegacyRefusal ? `legacy_${error.errorCode}` : 'internal_error'
}

/** Whether this reason was recorded since the last write. A user who stays out may change daily, and counts once. */
async function isRecorded(subject: string, reason: string): Promise<boolean> {
  const db = await database()
  const isForward = and(eq(events.subject, subject), eq(events.kind, 'forward'))
  const [last] = await db
    .select({ id: sql<number>`coalesce(max(${events.id}), 0)` })
    .from(events)
    .where(and(isForward, eq(events.result, 'written')))
  const found = await db
    .select({ id: events.id })
    .from(events)
    .where(and(isForward, eq(events.reason, reason), sql`${events.id} > ${last?.id ?? 0}`))
    .limit(1)
  return found.length > 0
}

async function recordForward(
  subject: string,
  outcome: { result: string; reason: string; milliseconds: number },
): Promise<void> {
  const known = await knownUser(subject)
  await recordEvent({
    at: new Date(),
    kind: 'forward',
    accountId: known?.accountId ?? null,
    issuer: legacyConfig().issuer,
    subject,
    lane: 'legacy',
    policyVersion: 0,
    ...outcome,
  })
}
