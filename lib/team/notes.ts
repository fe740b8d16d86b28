import 'server-only'
import { and, desc, eq } from 'drizzle-orm'
import { database, inTransaction } from '../db/database'
import { accounts } from '../db/schema'
import { organizations, teamNotes } from './schema'

/** A note of a team. `author` is null when the author's account is gone. */
export type TeamNote = {
  id: string
  text: string
  createdAt: Date
  author: { id: string; name: string } | null
}

/** The number of notes that a team may have. Its page shows them all. */
export const maximumTeamNotes = 500

/** The notes of a team, newest first. @throws {DatabaseUnavailable} and driver errors */
export async function listTeamNotes(organizationId: string): Promise<TeamNote[]> {
  const rows = await (await database())
    .select({
      id: teamNotes.id,
      text: teamNotes.text,
      createdAt: teamNotes.createdAt,
      authorId: accounts.id,
      authorName: accounts.name,
    })
    .from(teamNotes)
    .leftJoin(accounts, eq(accounts.id, teamNotes.accountId))
    .where(eq(teamNotes.organizationId, organizationId))
    .orderBy(desc(teamNotes.createdAt))
    .limit(maximumTeamNotes)
  return rows.map(({ authorId, authorName, ...note }) => ({
    ...note,
    author: authorId === null ? null : { id: authorId, name: authorName ?? '' },
  }))
}

/** @returns null if the team has {@link maximumTeamNotes} already. @throws {DatabaseUnavailable} and driver errors */
export async function insertTeamNote(
  organizationId: string,
  accountId: string,
  text: string,
): Promise<{ id: string; createdAt: Date } | null> {
  return inTransaction(async (tx) => {
    // Without this lock, requests at the same time would all count the notes before the others insert theirs.
    await tx
      .select()
      .from(organizations)
      .where(eq(organizations.id, organizationId))
      .for('no key update')
    const count = await tx.$count(teamNotes, eq(teamNotes.organizationId, organizationId))
    if (count >= maximumTeamNotes) return null
    const [written] = await tx
      .insert(teamNotes)
      .values({ id: crypto.randomUUID(), organizationId, accountId, text })
      .returning({ id: teamNotes.id, createdAt: teamNotes.createdAt })
    return written ?? null
  })
}

/** Deletes a note if this person wrote it in this team. @throws {DatabaseUnavailable} and driver errors */
export async function removeTeamNote(
  organizationId: string,
  accountId: string,
  id: string,
): Promise<void> {
  await (await database())
    .delete(teamNotes)
    .where(
      and(
        eq(teamNotes.id, id),
        eq(teamNotes.organizationId, organizationId),
        eq(teamNotes.accountId, accountId),
      ),
    )
}
