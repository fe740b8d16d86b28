import type { OrganizationRecord } from '../../legacy/auth0/organizations'
import type { Organization } from '../../team/organization'
import type { StytchOrganization } from '../../team/stytch/organizations'

/** An organization of either provider, for operators. */
export type ListedOrganization = {
  /** The id of our own record. Null while nobody has opened the organization here. */
  id: string | null
  slug: string
  name: string
  stytchId: string | null
  legacyId: string | null
  /** Whether another organization, at the other provider, has the same slug. A slug links nothing. */
  hasTwin: boolean
}

type Sources = {
  own: readonly Organization[]
  stytch: readonly StytchOrganization[]
  legacy: readonly OrganizationRecord[]
}

/** Merges what this app and both providers know, by name. Only ids join two records. */
export function listOfOrganizations({ own, stytch, legacy }: Sources): ListedOrganization[] {
  const list = own.map(
    ({ id, slug, name, stytchId, legacyId }): Omit<ListedOrganization, 'hasTwin'> => ({
      id,
      slug,
      name,
      stytchId,
      legacyId,
    }),
  )
  for (const { id, slug, name, externalId } of stytch) {
    const known = list.find(
      (each) => each.stytchId === id || (externalId !== null && each.legacyId === externalId),
    )
    if (!known) list.push({ id: null, slug, name, stytchId: id, legacyId: externalId })
    else if (known.stytchId === null || known.stytchId === id) {
      known.stytchId = id
      known.legacyId ??= externalId
    }
  }
  for (const { id, name, displayName } of legacy) {
    if (list.some(({ legacyId }) => legacyId === id)) continue
    list.push({ id: null, slug: name, name: displayName, stytchId: null, legacyId: id })
  }
  return list
    .map((each) => ({
      ...each,
      hasTwin: list.some((other) => other !== each && other.slug === each.slug),
    }))
    .sort((a, b) => a.name.localeCompare(b.name, 'en') || a.slug.localeCompare(b.slug, 'en'))
}

/** The providers that have the organization. */
export const placeOf = ({
  stytchId,
  legacyId,
}: Pick<ListedOrganization, 'stytchId' | 'legacyId'>): 'linked' | 'stytch' | 'legacy' =>
  stytchId === null ? 'legacy' : legacyId === null ? 'stytch' : 'linked'
