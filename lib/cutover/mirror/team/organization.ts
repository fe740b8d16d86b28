import 'server-only'
import { errorText } from '../../../error-text'
import {
  type Organization,
  OrganizationConflict,
  organizationByStytchId,
  rememberOrganization,
} from '../../../team/organization'
import { fetchStytchOrganization } from '../../../team/stytch/organizations'

/**
 * Our record of an organization of Stytch's. Stytch is asked about one that is new here, or not linked to the legacy
 * provider: an operator may link it at any time.
 * @returns null if there is none, or if it claims the slug or the legacy id of another one
 * @throws {DatabaseUnavailable | StytchRefusal | ProviderFailure} and driver errors
 */
export async function mirroredOrganization(stytchId: string): Promise<Organization | null> {
  const known = await organizationByStytchId(stytchId)
  return known?.legacyId ? known : ((await updateOrganization(stytchId)) ?? known)
}

/** Stores the current slug, name and link of an organization. Null as for {@link mirroredOrganization}. */
export async function updateOrganization(stytchId: string): Promise<Organization | null> {
  const found = await fetchStytchOrganization(stytchId)
  if (!found) return null
  const { slug, name, externalId: legacyId } = found
  try {
    return await rememberOrganization({ slug, name, stytchId, legacyId })
  } catch (error) {
    if (!(error instanceof OrganizationConflict)) throw error
    console.error(`mirror: ${errorText(error)}`)
    return null
  }
}
