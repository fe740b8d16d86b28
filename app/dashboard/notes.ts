import 'server-only'
import { and, desc, eq } from 'drizzle-orm'
import { database } from '@/lib/db/database'
import { notes } from '@/lib/db/schema'

export type Note = { id: string; text: string; createdAt: Date }

/** The 200 newest notes of an account, newest first. @throws {DatabaseUnavailable} */
export async function listNotes(accountId: string): Promise<Note[]> {
  const db = await database()
  return db
    .select({ id: notes.id, text: notes.text, createdAt: notes.createdAt })
    .from(notes)
    .where(eq(notes.accountId, accountId))
    .orderBy(desc(notes.createdAt))
    .limit(200)
}

/** @throws {DatabaseUnavailable} */
export async function insertNote(accountId: string, text: string): Promise<void> {
  const db = await database()
  await db.insert(notes).values({ id: crypto.randomUUID(), accountId, text })
}

/** Deletes a note if it belongs to the account. @throws {DatabaseUnavailable} */
export async function removeNote(accountId: string, id: string): Promise<void> {
  const db = await database()
  await db.delete(notes).where(and(eq(notes.id, id), eq(notes.accountId, accountId)))
}
