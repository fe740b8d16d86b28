/** The names by which a request can show one organization. */
export type Aliases = { slug: string; stytchId: string | null; legacyId: string | null }

export const namesOf = ({ slug, stytchId, legacyId }: Aliases): string[] =>
  [slug, stytchId, legacyId].filter((name) => name !== null)

/** Whether a list of the policy names this organization. */
export const isListed = (listed: readonly string[], organization: Aliases): boolean =>
  namesOf(organization).some((name) => listed.includes(name))

/** Adds every name of each organization in the list. Entries that no organization has stay as they are. */
export function expandOrganizations(
  listed: readonly string[],
  known: readonly Aliases[],
): string[] {
  const names = new Set(listed)
  // A name at the legacy provider gives an id, and that id may give further names.
  for (let before = 0; before < names.size; ) {
    before = names.size
    const expanded = [...names]
    for (const organization of known) {
      if (isListed(expanded, organization))
        for (const name of namesOf(organization)) names.add(name)
    }
  }
  return [...names]
}
