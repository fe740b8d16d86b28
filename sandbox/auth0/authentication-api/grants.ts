import type { KoaContextWithOIDC } from 'oidc-provider'
import type { Tenant } from '../tenant.ts'
import { loginOrganization, organizationsToChooseFrom } from './login-organization.ts'
import { oidcScope } from './token-claims.ts'

/**
 * Grants everything that the client has asked for: Auth0 shows no consent page to a first-party
 * application. Each login has its own grant, so revoking one leaves the others.
 */
export async function grantWithoutConsent(tenant: Tenant, ctx: KoaContextWithOIDC) {
  const { client, session, provider, resourceServers } = ctx.oidc
  if (!client || !session?.accountId) return undefined
  const accountId = session.accountId
  const user = tenant.users.byId(accountId)
  const mustChoose = organizationsToChooseFrom(tenant, ctx).length > 0
  const organization = user && !mustChoose ? loginOrganization(tenant, ctx, user) : null
  const grant = new provider.Grant({ clientId: client.clientId, accountId })
  grant.addOIDCScope(oidcScope)
  for (const [identifier, { scope }] of Object.entries(resourceServers ?? {})) {
    grant.addResourceScope(identifier, scope)
  }
  const grantId = await grant.save()
  tenant.logins.set(grantId, { organization: organization?.id ?? null, sid: session.uid })
  return grant
}
