import 'server-only'
import { sql } from 'drizzle-orm'
import { database, inTransaction } from '../../db/database'
import { legacyConfig } from '../../legacy/config'
import type { Limiter } from '../backfill/import/limiter'
import { deleteUser, findUser } from '../backfill/import/stytch-users'
import { forgetUser } from '../backfill/undo/usage'
import { externalIdOf } from '../migration/external-id'
import { revocationQueue } from '../mirror/queue-names'
import { deprovision } from '../revocation/deprovision'
import type { KnownUser } from './known-user'
import { type Forwarded, leftOut, written } from './outcome'
import { isUnused } from './stytch-usage'
import type { ImportRow } from './waiting-rows'

/**
 * Somebody deleted the user at the legacy provider. Their sessions end on both sides, as without forward writes. A Stytch
 * user whom nobody has used is deleted, too.
 * @throws {SessionsAreEnding} and the errors of the providers and the database
 */
export async function forwardDeletion(
  subject: string,
  known: KnownUser | null,
  rows: ImportRow[],
  { call, now }: { call: Limiter; now: Date },
): Promise<Forwarded | null> {
  if (known) await deprovision({ issuer: legacyConfig().issuer, subject }, 'deleted', now)
  // An earlier attempt may have deleted the identity alone.
  const id = known?.stytch?.userId ?? externalIdOf(subject)
  const user = id === null ? null : await findUser(call, id)
  if (!user) return null
  if (await hadSession(user.id)) return leftOut('used_at_stytch')
  if (!(await isUnused(subject, user, rows, call))) return leftOut('used_at_stytch')
  const plannedAt = rows.map((row) => row.plannedAt).sort((a, b) => a.getTime() - b.getTime())[0]
  const usage = await inTransaction((tx) =>
    forgetUser(tx, user.id, { subject, plannedAt: plannedAt ?? now }),
  )
  if (usage) return leftOut('used_at_stytch')
  await deleteUser(call, user.id)
  return written('deleted')
}

/** The sessions of this user end now, and with them the proof that somebody has used the user. */
export class SessionsAreEnding extends Error {
  readonly code = 'sessions_are_ending'
  constructor() {
    super('The sessions of this user are being revoked.')
    this.name = 'SessionsAreEnding'
  }
}

/**
 * Whether the deletion has ended a session at Stytch. Another app of the project may have opened it, and then no event of
 * this app names it.
 * @throws {SessionsAreEnding} the answer is known a moment later
 */
async function hadSession(userId: string): Promise<boolean> {
  const db = await database()
  const { rows } = (await db.execute(sql`
    select state in ('created', 'retry', 'active') as pending, (output ->> 'revoked')::int as revoked
    from pgboss.job where name = ${revocationQueue}
      and data ->> 'kind' = 'user' and data ->> 'userId' = ${userId}`)) as unknown as {
    rows: { pending: boolean; revoked: number | null }[]
  }
  if (rows.some(({ revoked }) => (revoked ?? 0) > 0)) return true
  if (rows.some(({ pending }) => pending)) throw new SessionsAreEnding()
  return false
}
