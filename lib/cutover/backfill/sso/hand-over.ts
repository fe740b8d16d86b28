import 'server-only'
import { enabledConnections, findConnection, hasScim } from '../../../legacy/auth0/connections'
import type { Patience } from '../../../legacy/auth0/organization-pages'
import type { OrganizationRecord } from '../../../legacy/auth0/organizations'
import { legacyConfig } from '../../../legacy/config'
import { organizationByLegacyId } from '../../../team/organization'
import { cutoverConfig } from '../../config'
import { type ConnectionFacts, connectionFacts, isEnterprise } from './connection-facts'

/** A connection, and how the customer's identity provider knows Auth0. */
export type ConnectionHandOver = ConnectionFacts & {
  hasScim: boolean
  joinsOnLogin: boolean
  /** What the identity provider has for Auth0, and must get anew for Stytch. */
  atAuth0: { acsUrl: string; audience: string } | { redirectUrl: string } | null
}

/** All that one customer needs for the move of its single sign-on. Nothing in it is secret. */
export type HandOver = {
  organization: { slug: string; name: string; legacyId: string; stytchId: string | null }
  connections: ConnectionHandOver[]
  /** The roles at Stytch, by the name of the role at Auth0. */
  roles: Record<string, string>
}

/**
 * @returns null for an organization without an identity provider of its own
 * @throws {LegacyRefusal | ProviderFailure | DatabaseUnavailable} and driver errors
 */
export async function handOverOf(
  { id, name, displayName }: OrganizationRecord,
  patience: Patience,
): Promise<HandOver | null> {
  const connections: ConnectionHandOver[] = []
  for (const enabled of await enabledConnections(id, patience)) {
    if (!isEnterprise(enabled.strategy)) continue
    const connection = await findConnection(enabled.id, patience)
    if (!connection) continue
    const facts = connectionFacts(connection)
    connections.push({
      ...facts,
      hasScim: await hasScim(enabled.id, patience),
      joinsOnLogin: enabled.joinsOnLogin,
      atAuth0: atAuth0(facts),
    })
  }
  if (connections.length === 0) return null
  const known = await organizationByLegacyId(id)
  return {
    organization: {
      slug: name,
      name: displayName,
      legacyId: id,
      stytchId: known?.stytchId ?? null,
    },
    connections,
    roles: Object.fromEntries(cutoverConfig().organizationRoles),
  }
}

/**
 * Auth0's addresses by its documented form. A tenant with a custom domain may have given that one to the customer.
 * https://auth0.com/docs/authenticate/protocols/saml/saml-sso-integrations/configure-auth0-saml-service-provider
 */
function atAuth0({ protocol, name }: ConnectionFacts): ConnectionHandOver['atAuth0'] {
  const { issuers } = legacyConfig()
  const { origin, host } = new URL(issuers.at(-1) ?? issuers[0])
  const tenant = new URL(issuers[0]).host.split('.')[0] ?? host
  if (protocol === 'oidc') return { redirectUrl: `${origin}/login/callback` }
  if (protocol === 'none') return null
  return {
    acsUrl: `${origin}/login/callback?connection=${encodeURIComponent(name)}`,
    audience: `urn:auth0:${tenant}:${name}`,
  }
}
