/** Translates the names of Auth0's roles by ORGANIZATION_ROLES, and counts those that it does not translate. */
export type RoleMapping = {
  map: (names: readonly string[]) => string[]
  /** The number of members with each role that is not translated. */
  unmapped: ReadonlyMap<string, number>
}

export function createRoleMapping(roles: ReadonlyMap<string, string>): RoleMapping {
  const unmapped = new Map<string, number>()
  return {
    unmapped,
    map(names) {
      for (const name of names.filter((each) => !roles.has(each))) {
        unmapped.set(name, (unmapped.get(name) ?? 0) + 1)
      }
      return [...new Set(names.flatMap((name) => roles.get(name) ?? []))]
    },
  }
}
