import 'server-only'
import type { Patience } from '../../../legacy/auth0/organization-pages'
import { type OrganizationRecord, organizationOf } from '../../../legacy/auth0/organizations'
import {
  OrganizationConflict,
  organizationByLegacyId,
  rememberOrganization,
} from '../../../team/organization'
import { isSlug } from '../../../team/slug'
import type { StytchOrganization } from '../../../team/stytch/organizations'
import type { ClaimedRow, Settlement } from '../import/rows'
import { createOrganization, findOrganization, type Made, type TeamLimiter } from './team-at-stytch'

/** Organizations with these outcomes stay out. docs/backfill-organizations.md says what to do about each. */
export const organizationsLeftOut = [
  'organization_gone',
  'slug_impossible',
  'organization_slug_taken',
  'organization_conflict',
] as const
type LeftOut = (typeof organizationsLeftOut)[number]

/** What Stytch knows about an organization of the legacy provider. */
export type Counterpart =
  | { state: 'linked'; organization: Made<StytchOrganization> }
  | { state: 'none' }
  | { state: 'left_out'; reason: LeftOut }

/** Stytch's slugs have two characters or more, and pages have the same slug. */
const isUsable = (slug: string): boolean => slug.length >= 2 && isSlug(slug)

/**
 * Looks an organization up at Stytch. Only the external id links both. An organization with the same slug may be
 * anybody's, so it is never adopted.
 */
export async function findCounterpart(
  { id, name }: OrganizationRecord,
  call: TeamLimiter,
): Promise<Counterpart> {
  const known = await organizationByLegacyId(id)
  const found = await findOrganization(call, known?.stytchId ?? id)
  if (found?.externalId === id) return { state: 'linked', organization: found }
  // Somebody has founded an organization whose slug is this id, or an operator has changed the external id.
  if (found) return { state: 'left_out', reason: 'organization_conflict' }
  if (!isUsable(name)) return { state: 'left_out', reason: 'slug_impossible' }
  const namesake = await findOrganization(call, name)
  return namesake ? { state: 'left_out', reason: 'organization_slug_taken' } : { state: 'none' }
}

const skipped = (reason: LeftOut): Settlement => ({ state: 'skipped', reason })

/**
 * Creates one organization at Stytch, and links it here. It may run again after any failure.
 * @throws {LegacyRefusal | StytchRefusal | ProviderFailure | DatabaseUnavailable} and driver errors
 */
export async function importOrganization(
  { subject: legacyId, runId }: ClaimedRow,
  { call, patience }: { call: TeamLimiter; patience: Patience },
): Promise<Settlement> {
  const legacy = await patience(() => organizationOf(legacyId))
  if (!legacy) return skipped('organization_gone')
  const counterpart = await findCounterpart(legacy, call)
  if (counterpart.state === 'left_out') return skipped(counterpart.reason)
  const organization =
    counterpart.state === 'linked'
      ? counterpart.organization
      : await createOrganization(call, {
          slug: legacy.name,
          name: legacy.displayName,
          legacyId,
          runId,
        })
  // Another process, or a stranger, has created one since.
  if (!organization) return { state: 'planned', reason: 'organization_slug_taken' }
  const { id: stytchId, slug, name } = organization
  try {
    await rememberOrganization({ slug, name, stytchId, legacyId })
  } catch (error) {
    if (!(error instanceof OrganizationConflict)) throw error
    return skipped('organization_conflict')
  }
  const madeUser = organization.madeBy === runId
  return { state: 'done', reason: madeUser ? null : 'already', stytchUserId: stytchId, madeUser }
}
