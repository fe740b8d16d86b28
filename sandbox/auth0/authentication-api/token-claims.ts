import { auth0Tenant } from '../../settings.ts'
import type { LoginContext, Tenant } from '../tenant.ts'
import type { User } from '../users.ts'

export const oidcScope = 'openid profile email offline_access'

export const managementAudience = (tenant: Tenant) => `${tenant.issuer}api/v2/`
export const userinfoUrl = (tenant: Tenant) => `${tenant.issuer}userinfo`

export const idTokenSeconds = 36_000

/** A tenant that allows organization names in tokens sends both claims. */
export function organizationClaims(
  { organizations, settings }: Tenant,
  login: LoginContext | undefined,
): { org_id?: string; org_name?: string } {
  const organization = organizations.find(login?.organization)
  if (!organization) return {}
  const { id, name } = organization
  return { org_id: id, ...(settings.organizationNames && { org_name: name }) }
}

/** The claims about a user that the granted scopes open, in userinfo and in the ID token. */
export function userClaims(user: User, scope: string) {
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

/** The sign-in of a user with a second factor. The login pages ask for none. */
export const mfaClaims = ({ multifactor = [] }: User): { amr?: string[] } =>
  multifactor.length > 0 ? { amr: ['mfa'] } : {}

/** The access token of a login at the web client, for the app's API. */
export function accessTokenClaims(
  tenant: Tenant,
  user: User,
  login?: LoginContext,
  clientId: string = auth0Tenant.web.clientId,
) {
  return {
    iss: tenant.issuer,
    sub: user.user_id,
    aud: [auth0Tenant.audience, userinfoUrl(tenant)],
    ...lifetime(tenant, tenant.settings.accessTokenSeconds),
    scope: oidcScope,
    azp: clientId,
    ...organizationClaims(tenant, login),
  }
}

/** The ID token of the web client. */
export function idTokenClaims(
  tenant: Tenant,
  user: User,
  login: LoginContext,
  clientId: string = auth0Tenant.web.clientId,
) {
  return {
    ...userClaims(user, oidcScope),
    iss: tenant.issuer,
    aud: clientId,
    ...lifetime(tenant, idTokenSeconds),
    sid: login.sid,
    ...mfaClaims(user),
    ...organizationClaims(tenant, login),
  }
}

/** The access token of the machine client. */
export function machineTokenClaims(tenant: Tenant, audience: string) {
  const { clientId } = auth0Tenant.management
  return {
    iss: tenant.issuer,
    sub: `${clientId}@clients`,
    aud: audience,
    ...lifetime(tenant, tenant.settings.accessTokenSeconds),
    ...(audience === managementAudience(tenant) && { scope: tenant.settings.managementScope }),
    gty: 'client-credentials',
    azp: clientId,
  }
}

function lifetime(tenant: Tenant, seconds: number) {
  const iat = tenant.clock.epochSeconds()
  return { iat, exp: iat + seconds }
}
