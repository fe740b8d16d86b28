import 'server-only'
import { sql } from 'drizzle-orm'
import { proofRules } from '../../../account/proof'
import type { Database } from '../../../db/database'
import { stytchIssuerName } from '../../../stytch/issuer'
import type { Limiter } from '../import/limiter'
import { hasSession, type ImportedUser } from '../import/stytch-users'

/** Why undo leaves a user alone. */
export type Usage =
  /** The run did not make the user. */
  | 'other_run'
  /** The user has a live session at Stytch. */
  | 'session'
  /** The user has an address or a way to sign in that the import did not write, or has proved the address there. */
  | 'changed'
  /** An event says that the user signed in at Stytch, or that a session was carried over. */
  | 'event'
  /** A session has opened the Stytch identity. */
  | 'proof'

/** What Stytch says about the use of a user. Stytch does not say when a user last signed in, so the app's events count too. */
export async function usageAtStytch(
  user: ImportedUser,
  { runId, hadHash, call }: { runId: string; hadHash: boolean; call: Limiter },
): Promise<Usage | null> {
  if (user.madeBy !== runId) return 'other_run'
  const kinds = user.credentials.map(({ kind }) => kind)
  const isAsImported =
    user.addresses.length === 1 &&
    kinds.every((kind) => kind === 'phone_number' || (kind === 'password' && hadHash)) &&
    // The import brings a verified address together with a hash only.
    (!user.emailVerified || hadHash)
  if (!isAsImported) return 'changed'
  return (await hasSession(call, user.id)) ? 'session' : null
}

/**
 * Deletes the Stytch identity of a user, and the account if nothing has used it. It comes before the deletion at Stytch.
 * Otherwise the mirror would take the webhook message of that deletion for the wish of the user, and block the legacy
 * record.
 * @returns why the identity stays
 */
export async function forgetUser(
  tx: Database,
  userId: string,
  { subject, plannedAt }: { subject: string; plannedAt: Date },
): Promise<Usage | null> {
  const { accountId, usage } = await usageHere(tx, userId)
  // An earlier attempt has deleted it.
  if (accountId === null || usage) return usage
  const issuer = stytchIssuerName()
  await tx.execute(sql`delete from identities where issuer = ${issuer} and subject = ${userId}`)
  await deleteUnusedAccount(tx, accountId, { subject, plannedAt })
  return null
}

/**
 * What this app says about the use of a Stytch user. It locks the identity until the end of the transaction.
 * @returns `accountId` null if there is no identity
 */
export async function usageHere(
  tx: Database,
  userId: string,
): Promise<{ accountId: string | null; usage: Usage | null }> {
  const issuer = stytchIssuerName()
  const [identity] = await rowsOf<{ account_id: string; proved_by: string | null }>(
    tx,
    sql`select account_id, proved_by from identities
      where issuer = ${issuer} and subject = ${userId} for update`,
  )
  if (!identity) return { accountId: null, usage: null }
  const accountId = identity.account_id
  if (identity.proved_by !== null && identity.proved_by !== proofRules.import) {
    return { accountId, usage: 'proof' }
  }
  // Stytch reports our own changes of the user, too. The mirror then finds nothing to write.
  const used = await rowsOf(
    tx,
    sql`select from events where ((issuer = ${issuer} and subject = ${userId})
      or (account_id = ${accountId} and lane = 'stytch'))
      and not (kind = 'mirror' and result in ('unchanged', 'gone', 'failed')) limit 1`,
  )
  return { accountId, usage: used.length > 0 ? 'event' : null }
}

/**
 * Deletes an account that the run made. It stays if another table refers to it, an event names it, or a session has
 * proved the legacy identity.
 */
async function deleteUnusedAccount(
  tx: Database,
  accountId: string,
  { subject, plannedAt }: { subject: string; plannedAt: Date },
): Promise<void> {
  // The lock holds back a request that is about to write data of this account.
  const made = await rowsOf(
    tx,
    sql`select from accounts where id = ${accountId} and created_at >= ${plannedAt.toISOString()}::timestamptz
      for update`,
  )
  if (made.length === 0) return
  const uses = [
    sql`select from events where account_id = ${accountId}`,
    sql`select from identities where account_id = ${accountId}
      and (subject <> ${subject} or coalesce(proved_by, 'import') <> 'import')`,
    ...(await referencesToAccounts(tx)).map(
      ({ table, column }) =>
        sql`select from ${sql.raw(table)} where ${sql.identifier(column)} = ${accountId}`,
    ),
  ]
  for (const use of uses) if ((await rowsOf(tx, sql`${use} limit 1`)).length > 0) return
  await tx.execute(sql`delete from accounts where id = ${accountId}`)
}

/** The product's own tables with data of accounts, whatever they are. */
const referencesToAccounts = (tx: Database) =>
  rowsOf<{ table: string; column: string }>(
    tx,
    sql`select c.conrelid::regclass::text as table, a.attname as column
      from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
      where c.contype = 'f' and c.confrelid = 'accounts'::regclass
        and c.conrelid <> 'identities'::regclass`,
  )

async function rowsOf<T>(tx: Database, query: ReturnType<typeof sql>): Promise<T[]> {
  return ((await tx.execute(query)) as unknown as { rows: T[] }).rows
}
