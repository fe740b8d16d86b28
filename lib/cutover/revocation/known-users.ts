import 'server-only'
import { and, asc, eq, gt, inArray } from 'drizzle-orm'
import { database } from '../../db/database'
import { identities } from '../../db/schema'
import { legacyConfig } from '../../legacy/config'

/** The legacy users among these that have an account. @throws {DatabaseUnavailable} and driver errors */
export async function knownLegacyUsers(subjects: string[]): Promise<string[]> {
  if (subjects.length === 0) return []
  const db = await database()
  const isKnown = and(
    eq(identities.issuer, legacyConfig().issuer),
    inArray(identities.subject, subjects),
  )
  const rows = await db.select({ subject: identities.subject }).from(identities).where(isKnown)
  return rows.map(({ subject }) => subject)
}

/** The next legacy users after `cursor`, in the order of their subjects. */
export async function legacyUsersAfter(cursor: string, limit: number): Promise<string[]> {
  const db = await database()
  const rows = await db
    .select({ subject: identities.subject })
    .from(identities)
    .where(and(eq(identities.issuer, legacyConfig().issuer), gt(identities.subject, cursor)))
    .orderBy(asc(identities.subject))
    .limit(limit)
  return rows.map(({ subject }) => subject)
}
