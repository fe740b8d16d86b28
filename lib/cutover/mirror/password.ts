import 'server-only'
import { and, eq } from 'drizzle-orm'
import { sealData, unsealData } from 'iron-session'
import { config } from '../../config'
import { type Database, database } from '../../db/database'
import { mirrorPasswords } from '../schema'

/** How long a password waits for the legacy provider; then the set-password mail takes its place. In seconds. */
export const waitsSeconds = 24 * 60 * 60

/** What is still owed to the legacy login of an account. */
export type Debt = {
  version: string
  /** For a record that the mirror makes, and not for one that was there before. */
  forNewRecord: boolean
  /** Null: a set-password mail is owed. */
  password: string | null
}

const seal = () => ({ password: config().cookieSecret, ttl: waitsSeconds })

/** Seals a password for one account. Done before the transaction, which must be short. */
export const sealPassword = (accountId: string, password: string): Promise<string> =>
  sealData({ purpose: 'mirror', accountId, password }, seal())

/** Owes a password, in place of an older one. */
export async function owePassword(
  tx: Database,
  accountId: string,
  sealed: string,
  { now, forNewRecord }: { now: Date; forNewRecord: boolean },
): Promise<void> {
  const expiresAt = new Date(now.getTime() + waitsSeconds * 1_000)
  const debt = { sealed, expiresAt, forNewRecord, version: crypto.randomUUID() }
  await tx
    .insert(mirrorPasswords)
    .values({ accountId, ...debt })
    .onConflictDoUpdate({ target: mirrorPasswords.accountId, set: debt })
}

/** Owes a mail, unless something is owed already. */
export async function oweMail(tx: Database, accountId: string): Promise<void> {
  const debt = { forNewRecord: true, version: crypto.randomUUID() }
  await tx
    .insert(mirrorPasswords)
    .values({ accountId, ...debt })
    .onConflictDoNothing()
}

/** @returns null when nothing is owed */
export async function readDebt(accountId: string, now: Date): Promise<Debt | null> {
  const db = await database()
  const [row] = await db
    .select()
    .from(mirrorPasswords)
    .where(eq(mirrorPasswords.accountId, accountId))
  if (!row) return null
  const { version, sealed, expiresAt, forNewRecord } = row
  let password: string | null = null
  if (sealed && expiresAt && expiresAt > now) {
    const opened = await unsealData<{ purpose?: string; accountId?: string; password?: string }>(
      sealed,
      seal(),
    )
    // Sealed for another account, or for another purpose: somebody has moved it here.
    if (opened.purpose === 'mirror' && opened.accountId === accountId && opened.password)
      password = opened.password
  }
  return { version, forNewRecord, password }
}

/** Nothing is owed any more, unless something newer came in between. */
export async function settleDebt(accountId: string, { version }: Debt): Promise<void> {
  const db = await database()
  await db
    .delete(mirrorPasswords)
    .where(and(eq(mirrorPasswords.accountId, accountId), eq(mirrorPasswords.version, version)))
}

/** Whatever was owed is not owed any more. */
export async function forgetDebt(tx: Database, accountId: string): Promise<void> {
  await tx.delete(mirrorPasswords).where(eq(mirrorPasswords.accountId, accountId))
}
