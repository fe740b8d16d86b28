import 'server-only'
import { z } from 'zod'
import { ProviderFailure } from '../../provider-failure'
import { StytchRefusal } from '../../stytch/client'
import { callTeamStytch } from './client'

/** The fields of an organization at Stytch that this app uses. */
export type StytchOrganization = {
  id: string
  slug: string
  name: string
  externalId: string | null
  /** Whether Stytch lets people with these addresses join by themselves. */
  allowsJoining: boolean
  /** Which addresses the organization lets be invited by mail. */
  invites: 'all' | 'allowed_domains' | 'none'
  allowedDomains: readonly string[]
  /** Whether each member needs a second factor. */
  requiresMfa: boolean
}

const invites = new Map<string, StytchOrganization['invites']>([
  ['ALL_ALLOWED', 'all'],
  ['RESTRICTED', 'allowed_domains'],
])

const organizationSchema = z
  .object({
    organization_id: z.string().min(1),
    organization_slug: z.string().min(1),
    organization_name: z.string(),
    organization_external_id: z.string().nullish(),
    email_jit_provisioning: z.string().nullish(),
    email_invites: z.string().nullish(),
    email_allowed_domains: z.array(z.string()).nullish(),
    mfa_policy: z.string().nullish(),
  })
  .transform(
    (found): StytchOrganization => ({
      id: found.organization_id,
      slug: found.organization_slug,
      name: found.organization_name || found.organization_slug,
      externalId: found.organization_external_id || null,
      allowsJoining: found.email_jit_provisioning === 'RESTRICTED',
      invites: invites.get(found.email_invites ?? '') ?? 'none',
      allowedDomains: (found.email_allowed_domains ?? []).map((each) => each.toLowerCase()),
      requiresMfa: found.mfa_policy === 'REQUIRED_FOR_ALL',
    }),
  )

/** @throws {ProviderFailure} when the answer is not what Stytch describes */
export function stytchOrganizationOf(answer: unknown): StytchOrganization {
  const parsed = organizationSchema.safeParse(answer)
  if (!parsed.success) {
    throw new ProviderFailure('stytch', 'unexpected_response', 'an answer without an organization')
  }
  return parsed.data
}

/**
 * The organization with this id, slug or external id. Null if there is none.
 * https://stytch.com/docs/b2b/api/get-organization
 * @throws {StytchRefusal | ProviderFailure}
 */
export async function fetchStytchOrganization(
  idOrSlug: string,
): Promise<StytchOrganization | null> {
  try {
    const { organization } = await callTeamStytch((client) =>
      client.organizations.get({ organization_id: idOrSlug }),
    )
    return stytchOrganizationOf(organization)
  } catch (error) {
    if (error instanceof StytchRefusal && error.errorType === 'organization_not_found') return null
    throw error
  }
}

/** Stytch's largest page. */
const searchPageSize = 1_000

/**
 * The organizations of the project. https://stytch.com/docs/b2b/api/search-organizations
 * @returns one page, with `hasMore` for further ones
 * @throws {StytchRefusal | ProviderFailure}
 */
export async function listStytchOrganizations(): Promise<{
  organizations: StytchOrganization[]
  hasMore: boolean
}> {
  const { organizations, results_metadata } = await callTeamStytch((client) =>
    client.organizations.search({ limit: searchPageSize }),
  )
  return {
    organizations: organizations.map(stytchOrganizationOf),
    hasMore: Boolean(results_metadata.next_cursor),
  }
}
