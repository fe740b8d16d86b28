import 'server-only'
import type { JobWithMetadata, PgBoss } from 'pg-boss'
import { errorText } from '../../error-text'
import { ProviderFailure } from '../../provider-failure'
import { confirmRevoked } from '../../revocation/revocation-list'
import { revokeSessionsOf } from '../../stytch/revoke'
import { type DrainLimits, dueJobs, maintenanceTimer } from '../mirror/due-jobs'
import { queue } from '../mirror/queue'
import { revocationQueue } from '../mirror/queue-names'
import { checkLegacyUser } from './deprovision'
import type { RevocationJob } from './jobs'
import { checkLegacyMembership, revokeSessionsOfMember } from './members'
import { revokerOf } from './revoker'

type Drained = { done: number; failed: number }

const isMaintenanceDue = maintenanceTimer()

/**
 * Runs the jobs that are due, one after the other, until none is left. A job whose provider fails is retried later.
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function drainRevocations(limits: DrainLimits = {}): Promise<Drained> {
  const boss = await queue()
  if (isMaintenanceDue()) await boss.supervise(revocationQueue)
  const drained: Drained = { done: 0, failed: 0 }
  for await (const job of dueJobs<RevocationJob>(boss, revocationQueue, limits)) {
    drained[(await runJob(boss, job)) ? 'done' : 'failed'] += 1
  }
  return drained
}

async function runJob(boss: PgBoss, job: JobWithMetadata<RevocationJob>): Promise<boolean> {
  try {
    const revoked = await work(job.data)
    await boss.complete(revocationQueue, job.id, { revoked: revoked ?? 0 })
    return true
  } catch (error) {
    console.error(`revocation: a job of kind ${job.data.kind} failed: ${errorText(error)}`)
    await boss.fail(revocationQueue, job.id)
    const startAfter = error instanceof ProviderFailure ? error.retryAt : null
    if (startAfter) await boss.update(revocationQueue, undefined, { id: job.id, startAfter })
    return false
  }
}

/** @returns the number of sessions, for a job that revokes all of a user. They prove that the user is in use. */
async function work(job: RevocationJob): Promise<number | undefined> {
  switch (job.kind) {
    case 'session':
      await revokerOf(job.issuer).byId(job.sessionId)
      await confirmRevoked(job, new Date())
      return
    case 'user':
      return revokeSessionsOf(job.userId)
    case 'member':
      await revokeSessionsOfMember(job.memberId)
      return
    case 'membership':
      await checkLegacyMembership(job, new Date())
      return
    case 'record':
      await checkLegacyUser(job.subject, new Date(), job.mayBeDeleted)
  }
}
