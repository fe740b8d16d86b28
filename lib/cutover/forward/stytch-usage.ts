import 'server-only'
import { inTransaction } from '../../db/database'
import type { Limiter } from '../backfill/import/limiter'
import type { ImportedUser } from '../backfill/import/stytch-users'
import { usageAtStytch, usageHere } from '../backfill/undo/usage'
import { externalIdOf } from '../migration/external-id'
import { sightingsKeptDays } from '../retention'
import type { ImportRow } from './waiting-rows'

/** The mark of users whom a forward write made, in place of the id of a run. */
export const forwardMark = 'forward'

export const hasPassword = ({ credentials }: ImportedUser): boolean =>
  credentials.some(({ kind }) => kind === 'password')

const dayMilliseconds = 24 * 60 * 60 * 1_000
/** Older events are deleted, so nothing says whether somebody has used an older user. */
export const oldestKnown = (): Date =>
  new Date(Date.now() - (sightingsKeptDays - 1) * dayMilliseconds)

/**
 * Whether an import or a forward write made the user, and nobody has used them since. The rule is that of undo. Only then
 * may the legacy provider change the user. Otherwise Stytch counts, and both directions would write over each other.
 * @param subject of the legacy user, who must be the one that the external id names
 * @throws {StytchRefusal | ProviderFailure | DatabaseUnavailable} and driver errors
 */
export async function isUnused(
  subject: string,
  user: ImportedUser,
  rows: ImportRow[],
  call: Limiter,
): Promise<boolean> {
  if (user.madeBy === null || user.externalId !== externalIdOf(subject)) return false
  if (user.createdAt === null || user.createdAt < oldestKnown()) return false
  const imported = rows.filter(({ state }) => state === 'done')
  // A deleted password leaves a verified address, and its row has no hash any more.
  const hadHash = imported.some(
    ({ hasHash, outcome }) => hasHash || (!hasPassword(user) && outcome === 'create_with_password'),
  )
  if (await usageAtStytch(user, { runId: user.madeBy, hadHash, call })) return false
  return (await inTransaction((tx) => usageHere(tx, user.id))).usage === null
}
