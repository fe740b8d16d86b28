import 'server-only'
import type { Database } from '../../db/database'
import { cutoverConfig } from '../config'
import { countEvent } from '../events/metrics'
import { externalIdOf } from '../migration/external-id'
import { mirrorIsOn } from '../mirror/enqueue'
import { queue, sendInTransaction } from '../mirror/queue'
import { forwardQueue } from '../mirror/queue-names'

/**
 * A job names the legacy user to look at, and nothing of what changed. It reads the user at the legacy provider when it
 * runs, so late, repeated and reordered messages do no harm.
 */
export type ForwardJob = {
  subject: string
  /**
   * `password`: a log says that the password changed, which no record shows for certain. `deleted`: somebody deleted the
   * user, so a record that is missing is no mistake of ours.
   */
  cause: 'changed' | 'password' | 'deleted'
  /** When the log was written, as an ISO date. Null if the message does not say it. */
  at: string | null
}

/** Stytch does not take the subject as an external id, so the user cannot be linked. Counted, and not stored. */
const impossible = {
  kind: 'forward',
  lane: 'legacy',
  subject: null,
  result: 'left_out',
  reason: 'external_id_impossible',
  milliseconds: 0,
} as const

/** Whether what happens at the legacy provider is written to Stytch. It needs the Management API. */
export const forwardIsOn = (): boolean => cutoverConfig().forwardWrites && mirrorIsOn()

/**
 * Returns a function that enqueues jobs as part of a transaction. It opens the queue first, because the queue needs a
 * connection of its own.
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function openForwardJobs(): Promise<
  (tx: Database, jobs: ForwardJob[]) => Promise<void>
> {
  const boss = await queue()
  return async (tx, jobs) => {
    for (const job of jobs) {
      // Such a subject contains the address of an enterprise login, so no job and no event may hold it.
      if (externalIdOf(job.subject) === null) {
        countEvent(impossible)
        continue
      }
      await sendInTransaction(boss, tx, forwardQueue, job, { singletonKey: job.subject })
    }
  }
}
