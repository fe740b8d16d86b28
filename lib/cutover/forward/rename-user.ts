import 'server-only'
import { eq } from 'drizzle-orm'
import { database } from '../../db/database'
import { accounts } from '../../db/schema'
import type { Limiter } from '../backfill/import/limiter'
import type { ImportedUser } from '../backfill/import/stytch-users'
import { stytchName } from './create-user'
import type { KnownUser } from './known-user'
import { type Forwarded, leftOut, written } from './outcome'

/**
 * Whether the name has changed at the legacy provider since this app learned it. The name at Stytch does not count: the
 * operator's mapping may have written another one.
 */
export const isRenamed = ({ name }: { name: string }, { accountName }: KnownUser): boolean =>
  name !== '' && name !== accountName

/** Writes a new name to a Stytch user whom nobody has used, and to the account. */
export async function forwardName(
  name: string,
  { accountId }: KnownUser,
  at: { stytchUser: ImportedUser; isUnused: () => Promise<boolean>; call: Limiter },
): Promise<Forwarded | null> {
  const { stytchUser, isUnused, call } = at
  const isSame = stytchUser.name === name
  if (!isSame && !(await isUnused())) return leftOut('used_at_stytch')
  if (!isSame) {
    await call((client) =>
      client.users.update({
        user_id: stytchUser.id,
        name: { ...stytchName(name), middle_name: '' },
      }),
    )
  }
  const db = await database()
  await db.update(accounts).set({ name }).where(eq(accounts.id, accountId))
  return isSame ? null : written('name')
}
