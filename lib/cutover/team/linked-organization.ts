import 'server-only'
import QuickLRU from 'quick-lru'
import { perProcess } from '../../per-process'
import {
  type Organization,
  OrganizationConflict,
  organizationByLegacyId,
  rememberOrganization,
} from '../../team/organization'
import { fetchStytchOrganization, type StytchOrganization } from '../../team/stytch/organizations'
import { MigrationRefused } from '../migration/outcome'

/** An organization that both providers know. */
export type LinkedOrganization = { stytch: StytchOrganization; own: Organization }

/**
 * Legacy organizations that Stytch did not know a moment before. Each API request with a token of one would cost a call
 * to Stytch. An operator may link one at any time.
 */
const { value: unlinked } = perProcess(
  'unlinked-organizations',
  () => new QuickLRU<string, true>({ maxSize: 2_000, maxAge: 30_000 }),
)

/**
 * The organization at Stytch of a legacy organization, and our own record of it.
 * @param legacyId from a verified token or session
 * @throws {MigrationRefused | DatabaseUnavailable | StytchRefusal | ProviderFailure} and driver errors
 */
export async function linkedOrganization(legacyId: string): Promise<LinkedOrganization> {
  if (unlinked.has(legacyId)) throw new MigrationRefused('organization_unknown')
  const known = await organizationByLegacyId(legacyId)
  // Stytch accepts its id, a slug and the external id here. Anybody may found an organization whose slug is the legacy
  // id of another one, so only the external id links them. The stored id keeps such a slug from getting in the way.
  const stytch = await fetchStytchOrganization(known?.stytchId ?? legacyId)
  if (stytch?.externalId !== legacyId) {
    unlinked.set(legacyId, true)
    throw new MigrationRefused('organization_unknown')
  }
  const { id: stytchId, slug, name } = stytch
  if (known?.stytchId === stytchId && known.slug === slug && known.name === name) {
    return { stytch, own: known }
  }
  try {
    return { stytch, own: await rememberOrganization({ slug, name, stytchId, legacyId }) }
  } catch (error) {
    if (!(error instanceof OrganizationConflict)) throw error
    console.error(`migration: ${error.message}`)
    throw new MigrationRefused('organization_conflict')
  }
}
