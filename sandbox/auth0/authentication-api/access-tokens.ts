import type { Configuration, ResourceServer } from 'oidc-provider'
import { auth0Tenant } from '../../settings.ts'
import type { Tenant } from '../tenant.ts'
import { errors } from './oidc-provider.ts'
import { managementAudience, oidcScope, userinfoUrl } from './token-claims.ts'

/** The API that an access token is for, by its audience. */
export function resourceServer(tenant: Tenant, audience: string, clientId: string): ResourceServer {
  const isMachine = clientId === auth0Tenant.management.clientId
  const scopes = new Map([
    [auth0Tenant.audience, isMachine ? '' : oidcScope],
    [managementAudience(tenant), isMachine ? tenant.settings.managementScope : oidcScope],
  ])
  const scope = scopes.get(audience)
  if (scope === undefined) throw new errors.AccessDenied(`Service not found: ${audience}`)
  return {
    scope,
    audience,
    accessTokenFormat: 'jwt',
    accessTokenTTL: tenant.settings.accessTokenSeconds,
    jwt: { sign: { alg: 'RS256' } },
  }
}

type JwtCustomizer = NonNullable<
  NonNullable<NonNullable<Configuration['formats']>['customizers']>['jwt']
>

/** Turns the profile of RFC 9068, which oidc-provider writes, into Auth0's default profile. */
export const auth0TokenProfile =
  (tenant: Tenant): JwtCustomizer =>
  (_ctx, token, jwt) => {
    const { client_id, jti, ...payload } = jwt.payload
    const isUserToken = 'accountId' in token && token.accountId
    jwt.header = { typ: 'JWT' }
    jwt.payload = {
      ...payload,
      azp: token.clientId,
      ...(isUserToken
        ? { aud: [payload.aud as string, userinfoUrl(tenant)] }
        : {
            sub: `${token.clientId}@clients`,
            gty: 'client-credentials',
            // A client that asks for no scope gets all scopes that it may have.
            scope: payload.scope ?? (token.resourceServer?.scope || undefined),
          }),
    }
  }
