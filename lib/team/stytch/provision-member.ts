import 'server-only'
import { z } from 'zod'
import { StytchRefusal } from '../../stytch/client'
import { callTeamStytch } from './client'
import { type StytchMember, stytchMemberOf } from './members'

/**
 * Creates a member. A member with this address is no error, since another tab may have created it a moment before.
 * @returns null when the address is taken
 * @throws {StytchRefusal} such as `duplicate_member_external_id` or `invalid_rbac_role_id`
 * @throws {ProviderFailure}
 */
export async function createMember(
  organizationId: string,
  profile: { email: string; name: string; externalId: string | null; roles: readonly string[] },
): Promise<StytchMember | null> {
  const { email, name, externalId, roles } = profile
  try {
    const { member } = await callTeamStytch((client) =>
      client.organizations.members.create({
        organization_id: organizationId,
        email_address: email,
        name,
        roles: [...roles],
        ...(externalId && { external_id: externalId }),
      }),
    )
    return stytchMemberOf(member)
  } catch (error) {
    if (error instanceof StytchRefusal && error.errorType === 'duplicate_member_email') return null
    throw error
  }
}

/** Assigns these roles. They replace those that were assigned before. @throws {StytchRefusal | ProviderFailure} */
export async function assignMemberRoles(
  { organizationId, id }: StytchMember,
  roles: readonly string[],
): Promise<void> {
  await callTeamStytch((client) =>
    client.organizations.members.update({
      organization_id: organizationId,
      member_id: id,
      roles: [...roles],
    }),
  )
}

/**
 * The member with this id, deleted or not. Null for an id that Stytch does not know. Call it only with an id from our
 * own records, because it names no organization.
 * @throws {StytchRefusal | ProviderFailure}
 */
export async function findMemberOfAnyStatus(memberId: string): Promise<StytchMember | null> {
  try {
    const { member } = await callTeamStytch((client) =>
      client.organizations.members.dangerouslyGet({ member_id: memberId, include_deleted: true }),
    )
    return stytchMemberOf(member)
  } catch (error) {
    if (error instanceof StytchRefusal && error.errorType === 'member_not_found') return null
    throw error
  }
}

/**
 * Whether a member with this address was deleted. Stytch gives the address free, so the person could be created anew.
 * The search is slow, so it is only for the rare creation.
 * https://stytch.com/docs/b2b/api/search-members
 * @param call counts the call of a command against its rate
 * @throws {StytchRefusal | ProviderFailure}
 */
export async function wasMemberDeleted(
  organizationId: string,
  email: string,
  call: typeof callTeamStytch = callTeamStytch,
): Promise<boolean> {
  const { members } = await call((client) =>
    client.organizations.members.search({
      organization_ids: [organizationId],
      limit: 1,
      query: {
        operator: 'AND',
        operands: [
          { filter_name: 'member_emails', filter_value: [email] },
          { filter_name: 'statuses', filter_value: ['deleted'] },
        ],
      },
    }),
  )
  return z.array(z.unknown()).parse(members).length > 0
}
