import 'server-only'
import { createHmac, randomBytes } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { normalizedEmail } from '../../../account/email-address'
import { database, inTransaction } from '../../../db/database'
import { stytchUserOf } from '../../../stytch/users'
import { externalIdOf } from '../../migration/external-id'
import type { Limiter } from '../import/limiter'
import { type Facts, isImportable, outcomeOf } from '../plan/outcome'
import type { Mapping } from '../source/mapping'
import { openUsers } from '../source/source-file'

/** Stytch's largest page, and small enough for the time-out of a statement. */
const batchSize = 1_000

type Row = {
  side: 'source' | 'stytch'
  subject: string | null
  stytch_user_id: string | null
  address_key: string | null
  is_verified: boolean
  is_blocked: boolean
  has_password: boolean
  is_importable: boolean
}

/** What a plan would find about a user whom it has not seen. The rest of the file is not known yet. */
const aloneAtSource: Facts = {
  hash: 'no_file',
  isSubjectTwice: false,
  isEmailTwice: false,
  isAtStytch: false,
}

/** The address as the table has it. The key is never stored, so nobody can look an address up in the table. */
export type AddressKey = (address: string) => string

export function createAddressKey(): AddressKey {
  const key = randomBytes(32)
  return (address) =>
    createHmac('sha256', key).update(normalizedEmail(address)).digest('base64url').slice(0, 22)
}

/**
 * Writes the users of the file. It leaves out those without an external id, because such a subject contains an address.
 * @returns how many it wrote, and how many it left out
 */
export async function writeSource(
  reconcileId: string,
  path: string,
  addressKey: AddressKey,
  mapping: Mapping,
): Promise<{ source: number; notCompared: number }> {
  const file = await openUsers(path)
  let batch: Row[] = []
  let source = 0
  let notCompared = 0
  try {
    for await (const { parsed, record } of file.entries()) {
      if ('problem' in parsed || externalIdOf(parsed.subject) === null) {
        notCompared += 1
        continue
      }
      batch.push({
        side: 'source',
        subject: parsed.subject,
        stytch_user_id: null,
        address_key: parsed.email === null ? null : addressKey(parsed.email),
        is_verified: parsed.emailVerified,
        is_blocked: parsed.isBlocked,
        has_password: false,
        is_importable: isImportable(
          outcomeOf(parsed, mapping(parsed, record), aloneAtSource).outcome,
        ),
      })
      source += 1
      if (batch.length < batchSize) continue
      await write(reconcileId, batch)
      batch = []
    }
  } finally {
    await file.close()
  }
  await write(reconcileId, batch)
  return { source, notCompared }
}

/** Writes the users of Stytch, one row for each address. @returns how many users @throws as {@link Limiter} */
export async function writeStytch(
  reconcileId: string,
  call: Limiter,
  addressKey: AddressKey,
  onUsers: (count: number) => void = () => {},
): Promise<number> {
  let count = 0
  let cursor: string | undefined
  do {
    const from = cursor
    const { results, results_metadata } = await call((client) =>
      client.users.search({ limit: batchSize, ...(from && { cursor: from }) }),
    )
    const users = results.map(stytchUserOf)
    await write(
      reconcileId,
      users.flatMap(({ id, externalId, addresses, credentials }): Row[] => {
        const user = {
          side: 'stytch' as const,
          subject: externalId,
          stytch_user_id: id,
          is_blocked: false,
          has_password: credentials.some(({ kind }) => kind === 'password'),
          is_importable: false,
        }
        if (addresses.length === 0) return [{ ...user, address_key: null, is_verified: false }]
        return addresses.map(({ email, verified }) => ({
          ...user,
          address_key: addressKey(email),
          is_verified: verified,
        }))
      }),
    )
    count += users.length
    onUsers(count)
    cursor = results_metadata.next_cursor || undefined
  } while (cursor)
  return count
}

async function write(reconcileId: string, rows: Row[]): Promise<void> {
  if (rows.length === 0) return
  const db = await database()
  await db.execute(sql`
    insert into backfill_sides
      (reconcile_id, side, subject, stytch_user_id, address_key, is_verified, is_blocked,
      has_password, is_importable)
    select ${reconcileId}, side, subject, stytch_user_id, address_key, is_verified, is_blocked,
      has_password, is_importable
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as given(side text, subject text,
      stytch_user_id text, address_key text, is_verified boolean, is_blocked boolean,
      has_password boolean, is_importable boolean)`)
}

/**
 * Tells the planner of Postgres how many rows both sides have. Otherwise a page of the comparison reads every row again
 * for each user, and 10,000 users already reach the time-out of a statement. A role that does not own the table only
 * gets a warning.
 */
export const analyzeSides = (): Promise<void> =>
  inTransaction(async (tx) => {
    // It reads a sample of fixed size, which takes long on a slow disk.
    await tx.execute(sql`set local statement_timeout = '60s'`)
    await tx.execute(sql`analyze backfill_sides`)
  })

export async function deleteSides(reconcileId: string): Promise<void> {
  const db = await database()
  for (let deleted = batchSize; deleted > 0; ) {
    const { rowCount } = await db.execute(sql`
      delete from backfill_sides where ctid = any (array(
        select ctid from backfill_sides where reconcile_id = ${reconcileId} limit 10000))`)
    deleted = rowCount ?? 0
  }
}
