import type { KoaContextWithOIDC } from 'oidc-provider'
import { organizations } from '../../settings.ts'
import type { LoginContext, Tenant } from '../tenant.ts'
import { errors } from './oidc-provider.ts'
import { oidcScope } from './token-claims.ts'

export function organizationWithId(id: unknown): LoginContext['organization'] {
  const slugs = Object.keys(organizations) as (keyof typeof organizations)[]
  return slugs.find((slug) => organizations[slug].auth0Id === id) ?? null
}

/**
 * Grants everything that the client has asked for: Auth0 shows no consent page to a first-party
 * application. Each login has its own grant, so revoking one leaves the others.
 */
export async function grantWithoutConsent(tenant: Tenant, ctx: KoaContextWithOIDC) {
  const { client, session, params, provider, resourceServers } = ctx.oidc
  if (!client || !session?.accountId) return undefined
  const accountId = session.accountId
  const user = tenant.users.byId(accountId)
  // Auth0 can ask a member for the organization. Here, no user is a member of two.
  const organization = organizationWithId(params?.organization) ?? user?.organization ?? null
  if (organization && user?.organization !== organization) {
    const id = organizations[organization].auth0Id
    throw new errors.AccessDenied(`user ${accountId} is not part of the ${id} organization`)
  }
  const grant = new provider.Grant({ clientId: client.clientId, accountId })
  grant.addOIDCScope(oidcScope)
  for (const [identifier, { scope }] of Object.entries(resourceServers ?? {})) {
    grant.addResourceScope(identifier, scope)
  }
  const grantId = await grant.save()
  tenant.logins.set(grantId, { organization, sid: session.uid })
  return grant
}
