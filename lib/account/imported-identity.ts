import 'server-only'
import { and, eq } from 'drizzle-orm'
import { type Database, inTransaction } from '../db/database'
import { identities } from '../db/schema'
import type { Identity } from './account'
import { type Proof, proofRules } from './proof'

/** Whether an import wrote the identity, and no session has opened it yet. So no sign-in has checked it. */
export const isUnopenedImport = (proof: Proof | null): boolean => proof?.by === proofRules.import

/**
 * Records the first session that opened an imported identity, and changes no other identity. The time of the proof
 * stays, so no other session is refused.
 * @param confirm a check of the same transaction
 * @throws {DatabaseUnavailable}, driver errors and the errors of `confirm`. Then nothing is written.
 */
export async function recordFirstSession(
  { issuer, subject }: Identity,
  sessionKey: string,
  confirm: ((tx: Database) => Promise<void>) | null = null,
): Promise<void> {
  await inTransaction(async (tx) => {
    await confirm?.(tx)
    await tx
      .update(identities)
      .set({ provedBy: sessionKey })
      .where(
        and(
          eq(identities.issuer, issuer),
          eq(identities.subject, subject),
          eq(identities.provedBy, proofRules.import),
        ),
      )
  })
}
