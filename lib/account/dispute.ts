import 'server-only'
import { and, eq } from 'drizzle-orm'
import { database } from '../db/database'
import { identities } from '../db/schema'
import type { Identity } from './account'
import { columnsOf, disputed } from './proof'

/**
 * Closes an identity to every session that does not prove its address itself. A new proof of the address opens it again.
 * @param email the address that the identity has proved
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function disputeProof({ issuer, subject }: Identity, email: string): Promise<void> {
  const db = await database()
  await db
    .update(identities)
    .set(columnsOf(disputed))
    .where(
      and(
        eq(identities.issuer, issuer),
        eq(identities.subject, subject),
        eq(identities.email, email),
        eq(identities.emailVerified, true),
      ),
    )
}
