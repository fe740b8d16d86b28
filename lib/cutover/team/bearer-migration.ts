import 'server-only'
import { organizationByLegacyId } from '../../team/organization'
import { MigrationRefused, type RefusalReason } from '../migration/outcome'
import type { MigrationTarget } from '../migration/target'
import type { Assessment } from '../routing/assess'
import { assessCurrentRequest } from '../routing/current-request'
import { members } from './audience'
import { linkedOrganization } from './linked-organization'
import { memberTarget } from './member-target'

/** The verdict of an API request that names an organization, and where its session moves to. */
export type BearerMigration =
  | { assessed: Assessment; target: MigrationTarget | null }
  | { refusal: RefusalReason }

/**
 * Assesses a request to migrate the member's session of its access token.
 * @param requested id at Stytch, slug or external id of the organization. It must be the organization of the token.
 * @returns the target is null without a valid legacy token. The verdict then tells why.
 * @throws {DatabaseUnavailable | StytchRefusal | ProviderFailure} and driver errors
 */
export async function assessMemberMigration(requested: string): Promise<BearerMigration> {
  const assessed = await assessCurrentRequest('api', { audience: members })
  // Only a verified token may cost a call to Stytch.
  if (assessed.legacy.state !== 'valid') return { assessed, target: null }
  const { organizationId, isFirstParty } = assessed.legacy.session
  if (organizationId === null) return { refusal: 'organization_missing' }
  if (!isFirstParty) return { refusal: 'client_not_allowed' }
  try {
    const organization =
      (await organizationByLegacyId(organizationId)) ??
      (await linkedOrganization(organizationId)).own
    const { stytchId, slug, legacyId } = organization
    if (![stytchId, slug, legacyId].includes(requested)) return { refusal: 'organization_mismatch' }
    return {
      assessed: await assessCurrentRequest('api', { audience: members, organization: slug }),
      target: memberTarget(organizationId),
    }
  } catch (error) {
    if (error instanceof MigrationRefused) return { refusal: error.reason }
    throw error
  }
}
