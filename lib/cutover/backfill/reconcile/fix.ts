import 'server-only'
import { and, eq, inArray, sql } from 'drizzle-orm'
import { database, inTransaction } from '../../../db/database'
import { legacyConfig } from '../../../legacy/config'
import { listUser } from '../../../revocation/revocation-list'
import type { CurrentRecords } from '../import/current-records'
import type { Limiter } from '../import/limiter'
import { endSessions } from '../import/stytch-users'
import { backfillRows } from '../schema'
import type { Difference, FixableCode } from './differences'

type Context = {
  runId: string
  call: Limiter
  /** Today's records at the legacy provider. Null if the file alone counts. */
  records: CurrentRecords | null
}
type Fix = (difference: Difference, context: Context) => Promise<boolean>

/**
 * Lets the import settle the row again. It looks the user up, creates or links them, and adopts nobody without a proof.
 * @returns whether the run has such a row
 */
const importAgain: Fix = async ({ subject }, { runId }) => {
  const db = await database()
  const found = await db
    .update(backfillRows)
    // With one attempt the import looks the user up first.
    .set({ state: 'planned', attempts: 1, reason: null, leaseEndsAt: null, updatedAt: sql`now()` })
    .where(
      and(
        eq(backfillRows.runId, runId),
        eq(backfillRows.subject, subject ?? ''),
        inArray(backfillRows.state, ['done', 'failed', 'skipped']),
        // A user whom the plan left out, such as one with a second factor, stays out.
        inArray(backfillRows.outcome, ['create', 'create_with_password', 'already']),
      ),
    )
    .returning({ subject: backfillRows.subject })
  return found.length > 0
}

/**
 * Refuses the sessions of a blocked user here at once, and ends them at Stytch. The file may be weeks old, and the block
 * lifted since.
 */
const endBlocked: Fix = async ({ subject, stytchUserId }, { call, records }) => {
  if (subject === null || stytchUserId === null) return false
  if (records && (await records(subject))?.blocked !== 'yes') return false
  const identity = { issuer: legacyConfig().issuer, subject }
  await inTransaction((tx) => listUser(tx, identity, 'blocked', new Date()))
  await endSessions(call, stytchUserId)
  return true
}

export const fixes: Record<FixableCode, Fix> = {
  only_at_auth0: importAgain,
  account_without_identity: importAgain,
  blocked_there_live_here: endBlocked,
}
