import 'server-only'
import QuickLRU from 'quick-lru'
import { legacyConfig } from '../../legacy/config'
import { organizationOf } from '../../legacy/organizations'
import { perProcess } from '../../per-process'
import {
  type Organization,
  organizationByLegacyId,
  organizationBySlug,
  rememberOrganization,
} from '../../team/organization'
import { fetchStytchOrganization } from '../../team/stytch/organizations'

/** Slugs that neither provider knows. A visitor can make up slugs, and each would cost a call to both providers. */
const { value: unknownSlugs } = perProcess(
  'unknown-organizations',
  () => new QuickLRU<string, true>({ maxSize: 2_000, maxAge: 60_000 }),
)
/** Organizations that were compared with Stytch lately. An operator may link one at any time. */
const { value: comparedSlugs } = perProcess(
  'compared-organizations',
  () => new QuickLRU<string, true>({ maxSize: 2_000, maxAge: 60_000 }),
)

/**
 * The organization of a team's page. A provider is asked only about one that is new here, or not linked to both.
 * @returns null if neither provider knows the slug
 * @throws {OrganizationConflict | DatabaseUnavailable | StytchRefusal | ProviderFailure} and driver errors
 */
export async function findTeam(slug: string): Promise<Organization | null> {
  const known = await organizationBySlug(slug)
  if (known && (isLinked(known) || comparedSlugs.has(slug))) return known
  if (unknownSlugs.has(slug)) return null
  comparedSlugs.set(slug, true)
  const found = (await describedByStytch(slug)) ?? (known ? null : await describedByLegacy(slug))
  if (found) return rememberOrganization(found)
  if (!known) unknownSlugs.set(slug, true)
  return known
}

const isLinked = ({ stytchId, legacyId }: Organization): boolean =>
  stytchId !== null && legacyId !== null

async function describedByStytch(slug: string) {
  const found = await fetchStytchOrganization(slug)
  // The call also finds ids, which are no addresses of pages.
  if (found?.slug !== slug) return null
  return { slug, name: found.name, stytchId: found.id, legacyId: found.externalId }
}

/** An organization that is not at Stytch yet. Without the Management API, only its members' sessions can name it. */
async function describedByLegacy(slug: string) {
  if (!legacyConfig().management) return null
  const found = await organizationOf(slug)
  if (found?.name !== slug) return null
  const known = await organizationByLegacyId(found.id)
  // A team has one address, that of its slug at Stytch. Under a second one it could get another flow.
  if (known && known.stytchId !== null && known.slug !== slug) return null
  return { slug, name: found.displayName, stytchId: null, legacyId: found.id }
}
