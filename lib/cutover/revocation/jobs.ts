import 'server-only'
import type { Database } from '../../db/database'
import type { EndedSession } from '../../revocation/revocation-list'
import type { LaterRevocation } from '../../stytch/end-session'
import { queue, sendInTransaction } from '../mirror/queue'
import { revocationQueue } from '../mirror/queue-names'

/** A user as a member of an organization, both at the legacy provider. */
export type LegacyMember = { subject: string; legacyOrganizationId: string }

/** A job holds ids, and nothing that opens a session. */
export type RevocationJob =
  /** Revokes a session at Stytch. */
  | { kind: 'session'; issuer: string; sessionId: string }
  /** Revokes all sessions of a user at Stytch. */
  | { kind: 'user'; userId: string }
  /** The same for a member of a team. */
  | { kind: 'member'; memberId: string }
  /**
   * Reads a user's record at the legacy provider, and ends their sessions if they are blocked or deleted there.
   * `mayBeDeleted`: somebody reported a deletion, so a record that is missing is no mistake of ours.
   */
  | { kind: 'record'; subject: string; mayBeDeleted: boolean }
  /** Reads at the legacy provider whether a user is still a member of its organization, and ends the membership if not. */
  | ({ kind: 'membership' } & LegacyMember)

/**
 * Returns a function that enqueues jobs as part of a transaction. It opens the queue first, because the queue needs a
 * connection of its own.
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function openRevocationJobs(): Promise<
  (tx: Database, job: RevocationJob, startAfter?: number) => Promise<string | null>
> {
  const boss = await queue()
  return (tx, job, startAfter = 0) =>
    sendInTransaction(boss, tx, revocationQueue, job, { startAfter })
}

/** Pause before the first attempt, since the request itself tries first. In seconds. */
const requestSeconds = 15

/** A job that revokes a Stytch session if the request cannot. */
export const revokeLater =
  ({ issuer, sessionId }: EndedSession) =>
  async (): Promise<LaterRevocation> => {
    const send = await openRevocationJobs()
    let id: string | null = null
    return {
      async enqueue(tx) {
        id = await send(tx, { kind: 'session', issuer, sessionId }, requestSeconds)
      },
      async cancel() {
        if (id) await (await queue()).deleteJob(revocationQueue, id)
      },
    }
  }
