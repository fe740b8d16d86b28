import 'server-only'
import { sql } from 'drizzle-orm'
import { database } from '../../db/database'
import { unlessGone } from '../../stytch/users'
import type { Limiter } from '../backfill/import/limiter'
import type { ImportedUser } from '../backfill/import/stytch-users'
import { mirrorQueue } from '../mirror/queue-names'
import { type Forwarded, leftOut, written } from './outcome'
import { dropImportedHashes, type ImportRow } from './waiting-rows'

/**
 * Whether a row of an import has a hash from before the change. Afterwards it has none, so each change counts once. An
 * event stream and the poll know a change by the time in the record alone.
 */
export const isPasswordOld = (passwordSetAt: Date | null, rows: ImportRow[]): boolean =>
  passwordSetAt !== null && rows.some((row) => row.hasHash && row.plannedAt < passwordSetAt)

/**
 * Deletes the password that an import put to Stytch, after the user changed it at the legacy provider. The user may have
 * changed it because somebody else knows it. The new one cannot be known.
 * @returns null if Stytch has no password
 * @throws {MirrorIsWriting} the user sets a password at Stytch, and this change is the mirror's
 */
export async function forwardPassword(
  accountId: string,
  rows: ImportRow[],
  { stytchUser, call, subject }: { stytchUser: ImportedUser; call: Limiter; subject: string },
): Promise<Forwarded | null> {
  const password = stytchUser.credentials.find(({ kind }) => kind === 'password')
  if (!password) {
    await dropImportedHashes(subject)
    return null
  }
  const isImported =
    stytchUser.madeBy !== null && rows.some((row) => row.state === 'done' && row.hasHash)
  if (!isImported) return leftOut('password_kept')
  if (await hasSetPassword(accountId)) {
    // The import's password is gone for good. The events that say so are not kept forever.
    await dropImportedHashes(subject)
    return leftOut('password_kept')
  }
  await unlessGone(call((client) => client.users.deletePassword({ password_id: password.id })))
  await dropImportedHashes(subject)
  return written('password_changed')
}

/** A job of the mirror is about to write this account. The forward write looks again later. */
export class MirrorIsWriting extends Error {
  readonly code = 'mirror_is_writing'
  constructor() {
    super('The mirror writes this account.')
    this.name = 'MirrorIsWriting'
  }
}

/**
 * Whether the user has set a password at Stytch. The mirror writes it to the legacy provider, which reports it as a change
 * like any other.
 */
async function hasSetPassword(accountId: string): Promise<boolean> {
  const db = await database()
  const { rows } = (await db.execute(sql`
    select
      exists (select from mirror_passwords where account_id = ${accountId})
      or exists (select from pgboss.job where name = ${mirrorQueue} and singleton_key = ${accountId}
        and state in ('created', 'retry', 'active')) as writing,
      exists (select from events where account_id = ${accountId} and kind = 'mirror'
        and reason ~ '_password_(same|mailed)$') as written`)) as unknown as {
    rows: { writing: boolean; written: boolean }[]
  }
  const [found] = rows
  if (found?.written) return true
  if (found?.writing) throw new MirrorIsWriting()
  return false
}
