import 'server-only'
import { and, eq, inArray } from 'drizzle-orm'
import { database, inTransaction } from '../../db/database'
import { identities } from '../../db/schema'
import { legacyConfig } from '../../legacy/config'
import { usageHere } from '../backfill/undo/usage'
import { events } from '../schema'
import { forwardIsOn } from './forward-jobs'
import { oldestKnown } from './stytch-usage'
import { importRowsOf } from './waiting-rows'

/**
 * Whether the legacy provider leads for a Stytch user: an import or a forward write made the user, and nobody has used
 * them here. Stytch reports our own writes, too. If the mirror followed such a report, it would write the address at
 * Stytch over the newer one at the legacy provider.
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function isLedByLegacy(stytchUserId: string): Promise<boolean> {
  if (!forwardIsOn()) return false
  const { accountId, usage } = await inTransaction((tx) => usageHere(tx, stytchUserId))
  if (accountId === null || usage) return false
  const db = await database()
  const isLegacy = and(
    eq(identities.accountId, accountId),
    eq(identities.issuer, legacyConfig().issuer),
  )
  const legacy = await db.select({ subject: identities.subject }).from(identities).where(isLegacy)
  for (const { subject } of legacy) {
    const rows = await importRowsOf(subject)
    if (rows.some(({ state, plannedAt }) => state === 'done' && plannedAt > oldestKnown())) {
      return true
    }
    const isMade = and(
      eq(events.subject, subject),
      eq(events.kind, 'forward'),
      inArray(events.reason, ['created', 'password_unknown']),
    )
    if ((await db.$count(events, isMade)) > 0) return true
  }
  return false
}
