import { createLocalJWKSet, type JWTPayload, jwtVerify } from 'jose'
import { auth0Tenant, organizations } from '../settings.ts'
import type { LoginContext, Tenant } from './tenant.ts'
import type { User } from './users.ts'

export const oidcScope = 'openid profile email offline_access'

/** What the machine client may do at the Management API. */
export const managementScope =
  'create:users read:users update:users delete:users create:user_tickets'

export const managementAudience = (tenant: Pick<Tenant, 'issuer'>) => `${tenant.issuer}api/v2/`
export const userinfoUrl = (tenant: Pick<Tenant, 'issuer'>) => `${tenant.issuer}userinfo`

/** For a login with an organization; a tenant that allows organization names has both claims. */
export function organizationClaim(login: LoginContext | undefined): {
  org_id?: string
  org_name?: string
} {
  if (!login?.organization) return {}
  return { org_id: organizations[login.organization].auth0Id, org_name: login.organization }
}

/** The claims about a person that the granted scopes open, as userinfo and ID token have them. */
export function personClaims(user: User, scope: string) {
  const scopes = new Set(scope.split(' '))
  return {
    sub: user.user_id,
    ...(scopes.has('profile') && {
      name: user.name,
      nickname: user.nickname,
      ...(user.given_name && { given_name: user.given_name }),
      ...(user.family_name && { family_name: user.family_name }),
      ...(user.picture && { picture: user.picture }),
      updated_at: user.updated_at,
    }),
    ...(scopes.has('email') && { email: user.email, email_verified: user.email_verified }),
  }
}

/** Payload of the access token that the web client gets for the API. */
export function accessTokenClaims(tenant: Tenant, user: User, login?: LoginContext) {
  const now = tenant.control.clock.epochSeconds()
  return {
    iss: tenant.issuer,
    sub: user.user_id,
    aud: [auth0Tenant.audience, userinfoUrl(tenant)],
    iat: now,
    exp: now + tenant.settings.accessTokenSeconds,
    scope: oidcScope,
    azp: auth0Tenant.web.clientId,
    ...organizationClaim(login),
  }
}

/** Payload of the ID token that the web client gets. */
export function idTokenClaims(tenant: Tenant, user: User, login: LoginContext) {
  const now = tenant.control.clock.epochSeconds()
  return {
    ...personClaims(user, oidcScope),
    iss: tenant.issuer,
    aud: auth0Tenant.web.clientId,
    iat: now,
    exp: now + ID_TOKEN_SECONDS,
    sid: login.sid,
    ...organizationClaim(login),
  }
}

/** Payload of a machine-to-machine token. */
export function machineTokenClaims(tenant: Tenant, audience: string) {
  const now = tenant.control.clock.epochSeconds()
  const { clientId } = auth0Tenant.management
  return {
    iss: tenant.issuer,
    sub: `${clientId}@clients`,
    aud: audience,
    iat: now,
    exp: now + tenant.settings.accessTokenSeconds,
    ...(audience === managementAudience(tenant) && { scope: managementScope }),
    gty: 'client-credentials',
    azp: clientId,
  }
}

export const ID_TOKEN_SECONDS = 36_000

/** The payload of a token that this tenant issued for `audience`, or null. */
export async function verifyToken(
  tenant: Tenant,
  token: string,
  audience: string,
): Promise<JWTPayload | null> {
  const keys = createLocalJWKSet({ keys: [tenant.key.publicJwk as never] })
  const currentDate = new Date(tenant.control.clock.now())
  const checks = { issuer: tenant.issuer, audience, algorithms: ['RS256'], currentDate }
  try {
    return (await jwtVerify(token, keys, checks)).payload
  } catch {
    return null
  }
}
