import 'server-only'
import { findAccount, subjectsOf } from '../../account/account'
import { database, inTransaction } from '../../db/database'
import { isMember } from '../../legacy/auth0/organizations'
import { legacyConfig } from '../../legacy/config'
import { legacyMembership } from '../../legacy/membership'
import { listMembership } from '../../revocation/revocation-list'
import { removeMembership } from '../../team/membership'
import { organizationByLegacyId } from '../../team/organization'
import { memberIssuerName } from '../../team/stytch/issuer'
import { recordEvent } from '../events/record'
import { endMembership } from '../mirror/team/end-membership'
import { type LegacyMember, openRevocationJobs } from './jobs'

/**
 * Ends the sessions of a user for one organization if they are not a member any more. Messages arrive late, twice and in
 * any order, so only the answer of the legacy provider counts. The sessions for other organizations go on.
 * @throws {LegacyRefusal | ProviderFailure | DatabaseUnavailable} and driver errors
 */
export async function checkLegacyMembership(
  { subject, legacyOrganizationId }: LegacyMember,
  now: Date,
): Promise<void> {
  if (await isMember(legacyOrganizationId, subject)) return
  const identity = { issuer: legacyConfig().issuer, subject }
  const [account, organization] = await Promise.all([
    findAccount(identity),
    organizationByLegacyId(legacyOrganizationId),
  ])
  await listMembership(await database(), legacyMembership(identity, legacyOrganizationId), now)
  if (!account || !organization) return
  const organizationId = organization.stytchId
  const subjects = organizationId ? await subjectsOf(account, memberIssuerName(organizationId)) : []
  const members = subjects.map((memberId) => ({ organizationId: organizationId ?? '', memberId }))
  for (const member of members) await endMembership(account, member, organization, now)
  // Most people have no member at Stytch before their organization moves.
  await removeMembership(organization.id, account.id)
  const enqueue = await openRevocationJobs()
  await inTransaction(async (tx) => {
    for (const { memberId } of members) await enqueue(tx, { kind: 'member', memberId })
  })
  await recordEvent({
    at: now,
    kind: 'deprovision',
    accountId: account.id,
    ...identity,
    lane: 'legacy',
    result: 'sessions_ended',
    reason: 'legacy_member_removed',
    milliseconds: 0,
    policyVersion: 0,
  })
}
