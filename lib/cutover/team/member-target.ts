import 'server-only'
import type { LegacySession } from '../../legacy/session'
import type { Userinfo } from '../../legacy/userinfo'
import { ProviderFailure } from '../../provider-failure'
import {
  findMemberByEmail,
  findMemberByExternalId,
  type StytchMember,
} from '../../team/stytch/members'
import { externalIdOf } from '../migration/external-id'
import { MigrationRefused } from '../migration/outcome'
import type { Candidate, MigrationTarget } from '../migration/target'
import { linkMember } from './link-member'
import { linkedOrganization } from './linked-organization'
import { proveMember } from './member-proof'
import { memberSessions } from './member-sessions'
import { migrateMemberSession } from './migrate-member-session'
import { provisionMember } from './provisioning'
import { mappedRoles } from './roles'

/**
 * A member of an organization.
 * @param organizationId the legacy id of the organization, from the verified session
 */
export const memberTarget = (organizationId: string): MigrationTarget => ({
  organizationId,
  sessions: memberSessions,
  find: (session, legacyUser) => findCandidate(organizationId, session, legacyUser),
})

async function findCandidate(
  organizationId: string,
  { subject }: LegacySession,
  legacyUser: Userinfo,
): Promise<Candidate> {
  const { stytch, own } = await linkedOrganization(organizationId)
  const roles = await mappedRoles(organizationId, subject)
  const externalId = externalIdOf(subject)
  const member = await findMember(stytch.id, legacyUser.email, externalId)
  return {
    hasSecondFactor: async () => member?.hasSecondFactor ?? false,
    async open(account, request) {
      const profile = { externalId, roles }
      const created = member ? null : await provisionMember(stytch, account, legacyUser, profile)
      const session = await migrateMemberSession(stytch.id, request)
      if (!session) {
        const detail = 'Stytch does not find the member that it described a moment before'
        throw new ProviderFailure('stytch', 'unexpected_response', detail)
      }
      return {
        session,
        prove: () => proveMember(session, created?.id ?? null, legacyUser, account),
        link: (proof) => linkMember(account, own, session, proof, roles),
      }
    },
  }
}

/**
 * The member with this address, for whom Stytch will open the session. Null if the organization has none yet.
 * @throws {MigrationRefused | StytchRefusal | ProviderFailure}
 */
async function findMember(
  organizationId: string,
  email: string,
  externalId: string | null,
): Promise<StytchMember | null> {
  const member = await findMemberByEmail(organizationId, email)
  if (externalId !== null && member?.externalId !== externalId) {
    const own = await findMemberByExternalId(organizationId, externalId)
    // The address has changed at one of the providers, so Stytch would open another member, or none.
    if (own) throw new MigrationRefused('email_differs')
  }
  if (member?.isLocked) throw new MigrationRefused('member_deleted')
  // An invited member has not accepted yet. Stytch migrates active members only.
  if (member && member.status !== 'active') throw new MigrationRefused('member_not_provisioned')
  return member
}
