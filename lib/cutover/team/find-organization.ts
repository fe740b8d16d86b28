import 'server-only'
import QuickLRU from 'quick-lru'
import { errorText } from '../../error-text'
import { type OrganizationRecord, organizationOf } from '../../legacy/auth0/organizations'
import { legacyConfig } from '../../legacy/config'
import { perProcess } from '../../per-process'
import { ProviderFailure } from '../../provider-failure'
import { createTokenBucket } from '../../stytch/token-bucket'
import {
  type DescribedOrganization,
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
/** The calls for slugs that are new here. They are far below the limits of both providers. */
const { value: lookups } = perProcess('organization-lookups', () =>
  createTokenBucket({ capacity: 20, perSecond: 2 }),
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
  if (known) return isLinked(known) || comparedSlugs.has(slug) ? known : compared(known)
  if (unknownSlugs.has(slug)) return null
  // Each made-up slug is another one, and the migration needs the same rate limits.
  if (!lookups.take()) {
    throw new ProviderFailure('stytch', 'rate_limited', 'too many slugs that are new here')
  }
  const found = await described(slug)
  if (found) return rememberOrganization(found)
  unknownSlugs.set(slug, true)
  return null
}

const isLinked = ({ stytchId, legacyId }: Organization): boolean =>
  stytchId !== null && legacyId !== null

/**
 * The known organization, linked if Stytch links it now. Its pages do not depend on the answer: Stytch may be down, and
 * anybody may found an organization there with this slug.
 */
async function compared(known: Organization): Promise<Organization> {
  comparedSlugs.set(known.slug, true)
  try {
    const found = await describedByStytch(known.slug)
    return found ? await rememberOrganization(found) : known
  } catch (error) {
    console.error(`team: the organization was not compared with Stytch: ${errorText(error)}`)
    return known
  }
}

/** An organization that is new here. The legacy one of this name counts more than one at Stytch that is not linked. */
async function described(slug: string): Promise<DescribedOrganization | null> {
  const atStytch = await describedByStytch(slug)
  if (atStytch?.legacyId) return atStytch
  const named = await legacyOrganization(slug)
  if (!named) return atStytch
  const known = await organizationByLegacyId(named.id)
  // A team has one address, that of its slug at Stytch. Under a second one it could get another flow.
  if (known && known.stytchId !== null && known.slug !== slug) return null
  return { slug, name: named.displayName, stytchId: null, legacyId: named.id }
}

async function describedByStytch(slug: string): Promise<DescribedOrganization | null> {
  const found = await fetchStytchOrganization(slug)
  // The call also finds ids, which are no addresses of pages.
  if (found?.slug !== slug) return null
  return { slug, name: found.name, stytchId: found.id, legacyId: found.externalId }
}

/** The legacy organization of this name. Without the Management API, only its members' sessions can name it. */
async function legacyOrganization(name: string): Promise<OrganizationRecord | null> {
  if (!legacyConfig().management) return null
  const found = await organizationOf(name)
  return found?.name === name ? found : null
}
