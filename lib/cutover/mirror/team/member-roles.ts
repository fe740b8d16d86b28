import 'server-only'
import {
  assignRoles,
  removeRoles,
  rolesNamed,
  rolesOfMember,
} from '../../../legacy/auth0/organizations'
import { cutoverConfig } from '../../config'

/**
 * The legacy roles that a member needs and must not have, by the operator's mapping. A legacy role that the mapping does
 * not name is left alone. Where it gives two legacy roles the same role at Stytch, a member who has one of them keeps
 * it, and another member gets the first.
 * @param current the names of the member's legacy roles
 * @param assigned the roles that were assigned at Stytch
 */
export function roleChanges(
  mapping: ReadonlyMap<string, string>,
  current: readonly string[],
  assigned: readonly string[],
): { add: string[]; remove: string[] } {
  const held = new Set(current.map((name) => mapping.get(name)))
  const add = new Map<string, string>()
  for (const [name, role] of mapping) {
    if (assigned.includes(role) && !held.has(role) && !add.has(role)) add.set(role, name)
  }
  const remove = current.filter((name) => {
    const role = mapping.get(name)
    return role !== undefined && !assigned.includes(role)
  })
  return { add: [...add.values()], remove }
}

/**
 * Gives a legacy member the roles that the member has at Stytch.
 * @param keep whether roles that the member does not have at Stytch stay
 * @returns whether something changed
 * @throws {LegacyRefusal | ProviderFailure}
 */
export async function syncRoles(
  legacyOrganizationId: string,
  subject: string,
  assigned: readonly string[],
  { keep }: { keep: boolean },
): Promise<boolean> {
  const current = await rolesOfMember(legacyOrganizationId, subject)
  const names = current.map(({ name }) => name)
  const { add, remove } = roleChanges(cutoverConfig().organizationRoles, names, assigned)
  const removed = keep ? [] : current.filter(({ name }) => remove.includes(name))
  const added = await rolesNamed(add)
  const missing = add.filter((name) => !added.some((role) => role.name === name))
  if (missing.length > 0) {
    console.warn(
      `mirror: the legacy provider has no role named ${missing.join(', ')}: correct ORGANIZATION_ROLES`,
    )
  }
  await removeRoles(legacyOrganizationId, subject, idsOf(removed))
  await assignRoles(legacyOrganizationId, subject, idsOf(added))
  return removed.length + added.length > 0
}

const idsOf = (roles: { id: string }[]): string[] => roles.map(({ id }) => id)
