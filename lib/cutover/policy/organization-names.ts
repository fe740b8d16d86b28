import 'server-only'
import { inArray, or } from 'drizzle-orm'
import { database } from '../../db/database'
import { errorText } from '../../error-text'
import { hasTeams } from '../../team/config'
import { organizations } from '../../team/schema'
import type { OrganizationNames } from './describe'
import type { Policy } from './document'
import { namesOf } from './expand-organizations'

/** The names of the organizations that policies list, for operators. Empty while they cannot be read. Never throws. */
export async function organizationNames(policies: readonly Policy[]): Promise<OrganizationNames> {
  const listed = policies.flatMap(({ cohort }) =>
    typeof cohort === 'string' ? [] : cohort.organizations,
  )
  if (listed.length === 0 || !hasTeams()) return new Map()
  const { slug, name, stytchId, legacyId } = organizations
  try {
    const rows = await (await database())
      .select({ slug, name, stytchId, legacyId })
      .from(organizations)
      .where(or(inArray(slug, listed), inArray(stytchId, listed), inArray(legacyId, listed)))
    return new Map(rows.flatMap((row) => namesOf(row).map((entry) => [entry, row.name] as const)))
  } catch (error) {
    console.error(`policy: the names of organizations could not be read: ${errorText(error)}`)
    return new Map()
  }
}
