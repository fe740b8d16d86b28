import 'server-only'
import { type Account, subjectsOf } from '../../account/account'
import type { Userinfo } from '../../legacy/userinfo'
import { memberIssuerName } from '../../team/stytch/issuer'
import type { StytchMember } from '../../team/stytch/members'
import type { StytchOrganization } from '../../team/stytch/organizations'
import {
  createMember,
  findMemberOfAnyStatus,
  wasMemberDeleted,
} from '../../team/stytch/provision-member'
import { MigrationRefused } from '../migration/outcome'

/**
 * Whether the organization's own settings would let this person in. A backend may create any member, so nothing at
 * Stytch enforces it. An organization lets people in by two settings:
 * - `email_jit_provisioning`: a person with a verified address of an allowed domain may join by signing in.
 * - `email_invites`: members may invite a person, of any address or of an allowed domain.
 *
 * The admins of the legacy organization have admitted the person, so this creation counts as an invitation.
 * https://stytch.com/docs/b2b/api/organization-object
 */
export function allowsProvisioning(
  { allowsJoining, invites, allowedDomains }: StytchOrganization,
  email: string,
): boolean {
  const isAllowedDomain = allowedDomains.includes(email.slice(email.lastIndexOf('@') + 1))
  return invites === 'all' || (isAllowedDomain && (allowsJoining || invites === 'allowed_domains'))
}

/**
 * Creates the member of a legacy user, whose address and external id no member has.
 * @returns null when somebody else has created a member with this address in the meantime
 * @throws {MigrationRefused | StytchRefusal | ProviderFailure} and driver errors
 */
export async function provisionMember(
  organization: StytchOrganization,
  account: Account,
  { email, name }: Userinfo,
  { externalId, roles }: { externalId: string | null; roles: readonly string[] },
): Promise<StytchMember | null> {
  // A person who was removed at Stytch must not come back by a legacy session.
  for (const memberId of await subjectsOf(account, memberIssuerName(organization.id))) {
    const linked = await findMemberOfAnyStatus(memberId)
    if (linked?.status === 'deleted') throw new MigrationRefused('member_deleted')
    if (linked) throw new MigrationRefused('email_differs')
  }
  if (await wasMemberDeleted(organization.id, email)) throw new MigrationRefused('member_deleted')
  if (!allowsProvisioning(organization, email)) throw new MigrationRefused('member_not_provisioned')
  return createMember(organization.id, { email, name, externalId, roles })
}
