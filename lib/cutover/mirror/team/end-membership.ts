import 'server-only'
import { and, eq } from 'drizzle-orm'
import type { Account } from '../../../account/account'
import { inTransaction } from '../../../db/database'
import { identities } from '../../../db/schema'
import { legacyMembership } from '../../../legacy/membership'
import { listMembership } from '../../../revocation/revocation-list'
import { removeMembership } from '../../../team/membership'
import type { Organization } from '../../../team/organization'
import { memberIssuerName } from '../../../team/stytch/issuer'
import { legacyIssuerName } from '../legacy-records'
import type { MemberId } from './live-member'

/**
 * Ends the sessions of one membership on both lanes, and removes the person from the team. The list refuses the sessions
 * at once on every instance. Those of other organizations and of the product go on.
 * @param organization our record of it. Null if there is none, so that it has no legacy sessions either.
 * @throws {DatabaseUnavailable} and driver errors
 */
export async function endMembership(
  { id: accountId }: Pick<Account, 'id'>,
  { organizationId, memberId }: MemberId,
  organization: Organization | null,
  now: Date,
): Promise<void> {
  await inTransaction(async (tx) => {
    const issuer = memberIssuerName(organizationId)
    await listMembership(tx, { issuer, subject: memberId }, now)
    const legacyId = organization?.legacyId
    if (!legacyId) return
    const isLegacy = and(
      eq(identities.accountId, accountId),
      eq(identities.issuer, legacyIssuerName()),
    )
    for (const legacyUser of await tx.select().from(identities).where(isLegacy)) {
      await listMembership(tx, legacyMembership(legacyUser, legacyId), now)
    }
  })
  if (organization) await removeMembership(organization.id, accountId)
}
