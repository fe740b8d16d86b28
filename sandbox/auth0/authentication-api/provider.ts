import type { KoaContextWithOIDC, Provider as ProviderType, ResourceServer } from 'oidc-provider'
import { auth0Tenant, organizations } from '../../settings.ts'
import type { LoginContext, Tenant } from '../tenant.ts'
import {
  ID_TOKEN_SECONDS,
  managementAudience,
  managementScope,
  oidcScope,
  organizationClaim,
  personClaims,
  userinfoUrl,
} from '../tokens.ts'
import { messagePage, sendPage } from '../universal-login/pages.ts'
import { errors, Provider } from './oidc-provider.ts'

/** What a koa middleware in front of oidc-provider gets. */
export type Context = Parameters<Parameters<ProviderType['use']>[0]>[0]

const DAY = 86_400

/** oidc-provider with the paths, parameters and token shapes of an Auth0 tenant. */
export function createProvider(tenant: Tenant): ProviderType {
  const { issuer, appBaseUrl } = tenant

  return new Provider(issuer, {
    adapter: tenant.store.adapter,
    jwks: { keys: [tenant.key.privateJwk] as never },
    clients: [
      {
        client_id: auth0Tenant.web.clientId,
        client_secret: auth0Tenant.web.clientSecret,
        redirect_uris: [`${appBaseUrl}/auth/callback`],
        post_logout_redirect_uris: logoutUrls(tenant),
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_post',
      },
      {
        client_id: auth0Tenant.management.clientId,
        client_secret: auth0Tenant.management.clientSecret,
        redirect_uris: [],
        grant_types: ['client_credentials'],
        response_types: [],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    routes: {
      authorization: '/authorize',
      token: '/oauth/token',
      userinfo: '/userinfo',
      jwks: '/.well-known/jwks.json',
      end_session: '/oidc/logout',
      revocation: '/oauth/revoke',
    },
    // Cookies ignore ports: the app on localhost sees these too, so they must not
    // have names that the app uses.
    cookies: {
      keys: ['cutover-sandbox-cookie-key'],
      names: { session: 'auth0', interaction: 'auth0_interaction', resume: 'auth0_resume' },
    },
    ttl: lifetimes(tenant),
    responseTypes: ['code'],
    pkce: { required: () => true },
    scopes: ['openid', 'offline_access', 'profile', 'email'],
    claims: {
      openid: ['sub', 'sid', 'org_id', 'org_name'],
      profile: ['name', 'nickname', 'given_name', 'family_name', 'picture', 'updated_at'],
      email: ['email', 'email_verified'],
    },
    // Auth0 puts the profile into the ID token, not only into userinfo.
    conformIdTokenClaims: false,
    extraParams: {
      audience: keepOfflineAccess,
      organization(_ctx, value) {
        if (value === undefined || organizationById(value)) return
        throw new errors.InvalidRequest('parameter organization is invalid')
      },
      screen_hint: null,
      connection: null,
      invitation: null,
    },
    issueRefreshToken: (_ctx, client, source) =>
      client.grantTypeAllowed('refresh_token') && source.scopes.has('offline_access'),
    rotateRefreshToken: true,
    // Logging out ends the browser session only; Auth0's refresh tokens live on.
    expiresWithSession: () => false,
    async findAccount(_ctx, id, token) {
      const user = tenant.users.byId(id)
      if (!user || user.blocked) return undefined
      const login = token?.grantId ? tenant.logins.get(token.grantId) : undefined
      return {
        accountId: id,
        claims: (use, scope) => ({
          ...personClaims(user, scope),
          ...organizationClaim(login),
          ...(use === 'id_token' && login && { sid: login.sid }),
        }),
      }
    },
    loadExistingGrant: (ctx) => grantWithoutConsent(tenant, ctx),
    extraTokenClaims: (_ctx, token) =>
      'grantId' in token && typeof token.grantId === 'string'
        ? organizationClaim(tenant.logins.get(token.grantId))
        : undefined,
    formats: { customizers: { jwt: (_ctx, token, jwt) => dressAsAuth0(tenant, token, jwt) } },
    features: {
      devInteractions: { enabled: false },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
      },
      rpInitiatedLogout: { enabled: true },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        // Auth0 says `audience` where RFC 8707 says `resource`.
        defaultResource: (ctx, _client, oneOf) =>
          (oneOf ?? ctx.oidc.params?.audience ?? ctx.oidc.body?.audience) as string,
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, resource, client) =>
          resourceServer(tenant, resource, client.clientId),
      },
    },
    interactions: { url: (_ctx, interaction) => `/u/${interaction.uid}` },
    renderError(ctx, out) {
      const text = out.error_description ?? out.error
      sendPage(ctx, ctx.status, messagePage('Something went wrong', text))
    },
  })
}

type Lifetimes = NonNullable<NonNullable<ConstructorParameters<typeof Provider>[1]>['ttl']>

function lifetimes({ settings }: Tenant): Lifetimes {
  const accessToken = () => settings.accessTokenSeconds
  // Rotation does not prolong the life of the family.
  const refreshToken: Lifetimes['RefreshToken'] = (ctx) =>
    ctx?.oidc?.entities.RotatedRefreshToken?.remainingTTL ?? 30 * DAY
  return {
    AccessToken: accessToken,
    ClientCredentials: accessToken,
    AuthorizationCode: 600,
    IdToken: ID_TOKEN_SECONDS,
    Interaction: 3600,
    Session: 3 * DAY,
    Grant: 400 * DAY,
    RefreshToken: refreshToken,
  }
}

/** Where a logout may lead: Auth0's "Allowed Logout URLs". */
export const logoutUrls = ({ appBaseUrl }: Pick<Tenant, 'appBaseUrl'>) => [
  appBaseUrl,
  `${appBaseUrl}/`,
  `${appBaseUrl}/login`,
]

/**
 * oidc-provider drops `offline_access` unless the consent page is shown; Auth0
 * shows none to a first-party application.
 */
function keepOfflineAccess(ctx: KoaContextWithOIDC) {
  const asked = new URLSearchParams(ctx.search).get('scope') ?? ''
  const params = ctx.oidc.params
  if (!params || !asked.split(' ').includes('offline_access')) return
  params.scope = [...new Set(`${params.scope ?? ''} offline_access`.trim().split(' '))].join(' ')
}

/** A grant of its own for each login, so that revoking one leaves the others. */
async function grantWithoutConsent(tenant: Tenant, ctx: KoaContextWithOIDC) {
  const { client, session, params, resourceServers } = ctx.oidc
  if (!client || !session?.accountId) return undefined
  const user = tenant.users.byId(session.accountId)
  // Auth0 asks a member which one, where the application is for business users. Here nobody has two.
  const organization = organizationById(params?.organization) ?? user?.organization ?? null
  if (organization && user?.organization !== organization) {
    const id = organizations[organization].auth0Id
    throw new errors.AccessDenied(`user ${session.accountId} is not part of the ${id} organization`)
  }
  const grant = new tenant.provider.Grant({
    clientId: client.clientId,
    accountId: session.accountId,
  })
  grant.addOIDCScope(oidcScope)
  for (const [identifier, { scope }] of Object.entries(resourceServers ?? {})) {
    grant.addResourceScope(identifier, scope)
  }
  const grantId = await grant.save()
  tenant.logins.set(grantId, { organization, sid: session.uid })
  return grant
}

function organizationById(id: unknown): LoginContext['organization'] {
  const slugs = Object.keys(organizations) as (keyof typeof organizations)[]
  return slugs.find((slug) => organizations[slug].auth0Id === id) ?? null
}

function resourceServer(tenant: Tenant, resource: string, clientId: string): ResourceServer {
  const isMachine = clientId === auth0Tenant.management.clientId
  const scopes = new Map([
    [auth0Tenant.audience, isMachine ? '' : oidcScope],
    [managementAudience(tenant), isMachine ? managementScope : oidcScope],
  ])
  const scope = scopes.get(resource)
  if (scope === undefined) throw new errors.AccessDenied(`Service not found: ${resource}`)
  return {
    scope,
    audience: resource,
    accessTokenFormat: 'jwt',
    accessTokenTTL: tenant.settings.accessTokenSeconds,
    jwt: { sign: { alg: 'RS256' } },
  }
}

type Customizer = NonNullable<
  NonNullable<
    NonNullable<NonNullable<ConstructorParameters<typeof Provider>[1]>['formats']>['customizers']
  >['jwt']
>

/** From RFC 9068's profile, which oidc-provider writes, to Auth0's default one. */
function dressAsAuth0(
  tenant: Tenant,
  token: Parameters<Customizer>[1],
  jwt: Parameters<Customizer>[2],
) {
  const { client_id, jti, ...payload } = jwt.payload
  const person = 'accountId' in token && token.accountId
  jwt.header = { typ: 'JWT' }
  jwt.payload = {
    ...payload,
    azp: token.clientId,
    ...(person
      ? { aud: [payload.aud as string, userinfoUrl(tenant)] }
      : {
          sub: `${token.clientId}@clients`,
          gty: 'client-credentials',
          // Auth0 grants everything that the client may have when it asks for nothing.
          scope: payload.scope ?? (token.resourceServer?.scope || undefined),
        }),
  }
}
