import 'server-only'
import { and, desc, eq } from 'drizzle-orm'
import { database, inTransaction } from '@/lib/db/database'
import { accounts, notes } from '@/lib/db/schema'

export type Note = { id: string; text: string; createdAt: Date }

/** The number of notes that an account may have. The dashboard shows them all. */
export const maximumNotes = 200

/** The notes of an account, newest first. @throws {DatabaseUnavailable} */
export async function listNotes(accountId: string): Promise<Note[]> {
  const db = await database()
  return db
    .select({ id: notes.id, text: notes.text, createdAt: notes.createdAt })
    .from(notes)
    .where(eq(notes.accountId, accountId))
    .orderBy(desc(notes.createdAt))
    .limit(maximumNotes)
}

/** @returns false if the account has {@link maximumNotes} already. @throws {DatabaseUnavailable} */
export async function insertNote(accountId: string, text: string): Promise<boolean> {
  return inTransaction(async (tx) => {
    // Without this lock, requests at the same time would all count the notes before the others insert theirs.
    await tx.select().from(accounts).where(eq(accounts.id, accountId)).for('no key update')
    if ((await tx.$count(notes, eq(notes.accountId, accountId))) >= maximumNotes) return false
    await tx.insert(notes).values({ id: crypto.randomUUID(), accountId, text })
    return true
  })
}

/** Deletes a note if it belongs to the account. @throws {DatabaseUnavailable} */
export async function removeNote(accountId: string, id: string): Promise<void> {
  const db = await database()
  await db.delete(notes).where(and(eq(notes.id, id), eq(notes.accountId, accountId)))
}
