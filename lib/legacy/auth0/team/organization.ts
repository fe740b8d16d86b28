import { isSubject } from '../../../token/claims'

/** An organization at the legacy provider. */
export type LegacyOrganization = {
  id: string
  /** Null where the tenant writes no names into tokens. */
  name: string | null
}

/** An id or a name in Auth0's form. https://auth0.com/docs/manage-users/organizations/configure-organizations */
const form = /^(?:org_[A-Za-z0-9]{1,64}|[a-z0-9][a-z0-9_-]{0,49})$/

/** Whether the text can name an organization, by id or by name. */
export const isOrganizationName = (text: string): boolean => form.test(text)

/**
 * The organization that a token or a sealed session names. The caller must have verified the claims.
 * https://auth0.com/docs/manage-users/organizations/using-tokens
 * @returns null without an id, which alone never changes
 */
export function organizationOfClaims({
  org_id,
  org_name,
}: Record<string, unknown>): LegacyOrganization | null {
  if (!isSubject(org_id) || org_id.length > 128) return null
  return { id: org_id, name: isSubject(org_name) && org_name.length <= 128 ? org_name : null }
}
