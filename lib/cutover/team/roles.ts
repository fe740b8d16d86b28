import 'server-only'
import { isMember, rolesOfMember } from '../../legacy/auth0/organizations'
import { legacyConfig } from '../../legacy/config'
import { cutoverConfig } from '../config'
import { MigrationRefused } from '../migration/outcome'

/**
 * The roles at Stytch that a member of an Auth0 organization gets, by the operator's mapping. Empty without the
 * Management API: the token then says alone that the user is a member.
 * @throws {MigrationRefused} when the user is not a member any more, which a token does not tell before it expires
 * @throws {LegacyRefusal | ProviderFailure}
 */
export async function mappedRoles(
  legacyOrganizationId: string,
  legacySubject: string,
): Promise<string[]> {
  if (!legacyConfig().management) return []
  if (!(await isMember(legacyOrganizationId, legacySubject))) {
    throw new MigrationRefused('not_a_member')
  }
  const { organizationRoles } = cutoverConfig()
  // The membership may end between both calls. The call then answers that there is no such member.
  const names = (await rolesOfMember(legacyOrganizationId, legacySubject)).map(({ name }) => name)
  const unmapped = names.filter((name) => !organizationRoles.has(name))
  if (unmapped.length > 0) {
    console.warn(
      `team: roles were left out, because ORGANIZATION_ROLES does not map them: ${unmapped.join(', ')}`,
    )
  }
  return [...new Set(names.flatMap((name) => organizationRoles.get(name) ?? []))]
}
