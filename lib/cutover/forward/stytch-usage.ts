import 'server-only'
import { inTransaction } from '../../db/database'
import type { Limiter } from '../backfill/import/limiter'
import type { ImportedUser } from '../backfill/import/stytch-users'
import { usageAtStytch, usageHere } from '../backfill/undo/usage'
import type { ImportRow } from './waiting-rows'

/** The mark of users whom a forward write made, in place of the id of a run. */
export const forwardMark = 'forward'

export const hasPassword = ({ credentials }: ImportedUser): boolean =>
  credentials.some(({ kind }) => kind === 'password')

/**
 * Whether an import or a forward write made the user, and nobody has used them since. The rule is that of undo. Only then
 * may the legacy provider change the user. Otherwise Stytch counts, and both directions would write over each other.
 * @throws {StytchRefusal | ProviderFailure | DatabaseUnavailable} and driver errors
 */
export async function isUnused(
  user: ImportedUser,
  rows: ImportRow[],
  call: Limiter,
): Promise<boolean> {
  if (user.madeBy === null) return false
  const imported = rows.filter(({ state }) => state === 'done')
  // A deleted password leaves a verified address, and its row has no hash any more.
  const hadHash = imported.some(
    ({ hasHash, outcome }) => hasHash || (!hasPassword(user) && outcome === 'create_with_password'),
  )
  if (await usageAtStytch(user, { runId: user.madeBy, hadHash, call })) return false
  return (await inTransaction((tx) => usageHere(tx, user.id))).usage === null
}
