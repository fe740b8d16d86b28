import 'server-only'
import { and, eq } from 'drizzle-orm'
import type { Account } from '../../../account/account'
import { database } from '../../../db/database'
import { identities } from '../../../db/schema'
import { StytchRefusal } from '../../../stytch/client'
import { hasTeams } from '../../../team/config'
import { memberIssuerName } from '../../../team/stytch/issuer'
import { fetchMember, type StytchMember } from '../../../team/stytch/members'
import { MirrorRefused } from '../legacy-records'

/** A member at Stytch, by the id of the organization there and the id of the member. */
export type MemberId = { organizationId: string; memberId: string }

/** Whether the account has a member at Stytch who may still sign in. @throws as {@link readMember} */
export async function hasLiveMember(account: Pick<Account, 'id'>): Promise<boolean> {
  if (!hasTeams()) return false
  const prefix = memberIssuerName('')
  const db = await database()
  const rows = await db
    .select({ issuer: identities.issuer, memberId: identities.subject })
    .from(identities)
    .where(and(eq(identities.accountId, account.id), eq(identities.emailVerified, true)))
  for (const { issuer, memberId } of rows) {
    if (!issuer.startsWith(prefix)) continue
    const organizationId = issuer.slice(prefix.length)
    if (typeof (await readMember({ organizationId, memberId })) === 'object') return true
  }
  return false
}

/**
 * The member as Stytch knows it now.
 * @returns `no_organization` when the whole organization was deleted. Nobody was removed from it.
 * @throws {MirrorRefused | ProviderFailure | DatabaseUnavailable} and driver errors
 */
export async function readMember({
  organizationId,
  memberId,
}: MemberId): Promise<StytchMember | 'removed' | 'no_organization'> {
  try {
    const member = await fetchMember(organizationId, memberId)
    return member.status === 'deleted' ? 'removed' : member
  } catch (error) {
    if (!(error instanceof StytchRefusal)) throw error
    if (error.errorType === 'member_not_found') return 'removed'
    if (error.errorType === 'organization_not_found') return 'no_organization'
    throw new MirrorRefused(`stytch_${error.errorType}`)
  }
}
