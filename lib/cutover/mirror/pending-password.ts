import 'server-only'
import { and, eq } from 'drizzle-orm'
import { type Database, database } from '../../db/database'
import { seal, unseal } from '../../seal'
import { mirrorPasswords } from '../schema'

/** How long a sealed password is kept. After that the user gets a set-password mail instead. In seconds. */
export const passwordLifetime = 24 * 60 * 60

/** A password write at the legacy provider that is not done yet. One row an account in `mirror_passwords`. */
export type PendingPassword = {
  version: string
  /** True when only a record that the mirror creates gets the password, and no record that existed before. */
  forNewRecord: boolean
  /** Null when the user gets a set-password mail instead. */
  password: string | null
}

/** Seals a password for one account. Call it before the transaction, which must be short. */
export const sealPassword = (accountId: string, password: string): Promise<string> =>
  seal({ purpose: 'mirror', accountId, password }, passwordLifetime)

/** Stores a sealed password for the next job of the account. Replaces an older one. */
export async function storePendingPassword(
  tx: Database,
  accountId: string,
  sealed: string,
  { now, forNewRecord }: { now: Date; forNewRecord: boolean },
): Promise<void> {
  const expiresAt = new Date(now.getTime() + passwordLifetime * 1_000)
  const pending = { sealed, expiresAt, forNewRecord, version: crypto.randomUUID() }
  await tx
    .insert(mirrorPasswords)
    .values({ accountId, ...pending })
    .onConflictDoUpdate({ target: mirrorPasswords.accountId, set: pending })
}

/** Stores that the user needs a set-password mail. Keeps a pending password if there is one. */
export async function storePendingMail(tx: Database, accountId: string): Promise<void> {
  const pending = { forNewRecord: true, version: crypto.randomUUID() }
  await tx
    .insert(mirrorPasswords)
    .values({ accountId, ...pending })
    .onConflictDoNothing()
}

/** @returns null when no password and no mail is pending */
export async function readPendingPassword(
  accountId: string,
  now: Date,
): Promise<PendingPassword | null> {
  const db = await database()
  const [row] = await db
    .select()
    .from(mirrorPasswords)
    .where(eq(mirrorPasswords.accountId, accountId))
  if (!row) return null
  const { version, sealed, expiresAt, forNewRecord } = row
  let password: string | null = null
  if (sealed && expiresAt && expiresAt > now) {
    const opened = await unseal<{ purpose: string; accountId: string; password: string }>(
      sealed,
      passwordLifetime,
    )
    const { data = {} } = opened ?? {}
    // An attacker may have copied the seal from another account or another kind of cookie. Such a seal must be refused.
    if (data.purpose === 'mirror' && data.accountId === accountId && data.password)
      password = data.password
  }
  return { version, forNewRecord, password }
}

/** Deletes a pending password after it was written. Keeps a newer one that was stored in between. */
export async function completePendingPassword(
  accountId: string,
  { version }: PendingPassword,
): Promise<void> {
  const db = await database()
  await db
    .delete(mirrorPasswords)
    .where(and(eq(mirrorPasswords.accountId, accountId), eq(mirrorPasswords.version, version)))
}
