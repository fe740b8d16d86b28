import 'server-only'
import type { JobWithMetadata, PgBoss } from 'pg-boss'
import { config } from '../../config'
import { errorText } from '../../error-text'
import { LegacyRefusal } from '../../legacy/management'
import { ProviderFailure } from '../../provider-failure'
import { recordEvent } from '../events'
import { forgetExpiredPasswords } from './password'
import { type MirrorJob, queue } from './queue'
import { deadQueue, mirrorQueue } from './queue-names'
import { MirrorRefused, sync } from './sync'

export type Drained = {
  done: number
  failed: number
  /** Set when the legacy provider asked us to wait. */
  pausedUntil: Date | null
}

/** How often the queue is looked after: jobs that lost their worker are given back. In milliseconds. */
const careInterval = 30_000
let caredAt = Number.NEGATIVE_INFINITY

/**
 * Does the jobs that are due, one after the other, until none is left.
 * @param until no job is begun after this
 * @param signal the same, from outside
 * @throws {DatabaseUnavailable} and driver errors; a provider that is away is no error here
 */
export async function drain({
  until = null,
  signal,
}: {
  until?: Date | null
  signal?: AbortSignal
} = {}): Promise<Drained> {
  const boss = await queue()
  await care(boss)
  const drained: Drained = { done: 0, failed: 0, pausedUntil: null }
  while (!signal?.aborted && (!until || new Date() < until)) {
    const [job] = await boss.fetch<MirrorJob>(mirrorQueue, { includeMetadata: true })
    if (!job) break
    const outcome = await attempt(boss, job)
    drained[outcome.done ? 'done' : 'failed'] += 1
    if (outcome.pausedUntil) {
      // The limit is the tenant's: every other job would run into it as well.
      drained.pausedUntil = outcome.pausedUntil
      break
    }
  }
  return drained
}

async function care(boss: PgBoss): Promise<void> {
  if (performance.now() - caredAt < careInterval) return
  caredAt = performance.now()
  await boss.supervise()
  await forgetExpiredPasswords(new Date())
}

async function attempt(
  boss: PgBoss,
  job: JobWithMetadata<MirrorJob>,
): Promise<{ done: boolean; pausedUntil: Date | null }> {
  const started = performance.now()
  const note = (result: string, reason: string, subject: string | null) =>
    recordEvent({
      at: new Date(),
      kind: 'mirror',
      accountId: job.data.accountId,
      issuer: config().auth0.issuer,
      subject,
      lane: 'stytch',
      result,
      reason,
      milliseconds: performance.now() - started,
      policyVersion: 0,
    })
  try {
    const { result, subject, password } = await sync(job.data, new Date())
    await boss.complete(mirrorQueue, job.id, { result })
    await note(result, `${job.data.change}_password_${password}`, subject)
    return { done: true, pausedUntil: null }
  } catch (error) {
    const reason = reasonOf(error)
    // Another one at the same address a moment ago (409), or gone a moment ago (404): look again.
    const isRefusal =
      error instanceof MirrorRefused || (error instanceof LegacyRefusal && error.status === 400)
    if (isRefusal || job.retryCount >= job.retryLimit) {
      await boss.send(deadQueue, { ...job.data, reason }, { singletonKey: job.data.accountId })
      await boss.complete(mirrorQueue, job.id, { reason })
      await note(isRefusal ? 'refused' : 'dead', reason, null)
      return { done: false, pausedUntil: null }
    }
    if (reason === 'internal_error') console.error(`mirror: ${errorText(error)}`)
    await boss.fail(mirrorQueue, job.id, { reason })
    const retryAt = error instanceof ProviderFailure ? error.retryAt : null
    if (retryAt) {
      // Not before we are let in, and not all at that very moment.
      const startAfter = new Date(Math.max(retryAt.getTime(), Date.now()) + Math.random() * 2_000)
      await boss.update(mirrorQueue, undefined, { id: job.id, startAfter })
    }
    await note('failed', reason, null)
    return { done: false, pausedUntil: retryAt }
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof MirrorRefused) return error.reason
  if (error instanceof ProviderFailure) return `${error.provider}_${error.code}`
  return error instanceof LegacyRefusal ? `legacy_${error.errorCode}` : 'internal_error'
}
