import type { Configuration, KoaContextWithOIDC, Provider as ProviderType } from 'oidc-provider'
import { toJwk } from '../../stand-in/signing-key.ts'
import { clients } from '../clients.ts'
import type { Tenant } from '../tenant.ts'
import { sendPage } from '../universal-login/html.ts'
import { messagePage } from '../universal-login/pages.ts'
import { auth0TokenProfile, resourceServer } from './access-tokens.ts'
import { grantWithoutConsent } from './grants.ts'
import { checkOrganizationParameter } from './login-organization.ts'
import { Provider } from './oidc-provider.ts'
import { organizationPrompt } from './organization-prompt.ts'
import { idTokenSeconds, organizationClaims, userClaims } from './token-claims.ts'

const daySeconds = 86_400

/** oidc-provider with the paths, parameters and tokens of an Auth0 tenant. */
export function createProvider(tenant: Tenant): ProviderType {
  return new Provider(tenant.issuer, {
    adapter: tenant.oidcStore.adapter,
    jwks: { keys: [toJwk(tenant.keys.own, 'privateKey')] as never },
    clients: clients(tenant),
    routes: {
      authorization: '/authorize',
      token: '/oauth/token',
      userinfo: '/userinfo',
      jwks: '/.well-known/jwks.json',
      end_session: '/oidc/logout',
      revocation: '/oauth/revoke',
    },
    // Cookies ignore ports, so the app on localhost sees them too. No name may be one of the app's.
    cookies: {
      keys: ['cutover-sandbox-cookie-key'],
      names: { session: 'auth0', interaction: 'auth0_interaction', resume: 'auth0_resume' },
    },
    ttl: lifetimes(tenant),
    responseTypes: ['code'],
    pkce: { required: () => true },
    scopes: ['openid', 'offline_access', 'profile', 'email'],
    claims: {
      openid: ['sub', 'sid', 'amr', 'org_id', 'org_name'],
      profile: ['name', 'nickname', 'given_name', 'family_name', 'picture', 'updated_at'],
      email: ['email', 'email_verified'],
    },
    // Auth0 puts the profile into the ID token too.
    conformIdTokenClaims: false,
    extraParams: {
      audience: keepOfflineAccess,
      organization: (_ctx, value) => checkOrganizationParameter(tenant, value),
      screen_hint: null,
      connection: null,
      invitation: null,
    },
    issueRefreshToken: (_ctx, client, source) =>
      client.grantTypeAllowed('refresh_token') && source.scopes.has('offline_access'),
    rotateRefreshToken: () => tenant.settings.refreshTokenRotation,
    // A logout ends the browser session. Auth0's refresh tokens still work.
    expiresWithSession: () => false,
    async findAccount(ctx, id, token) {
      const user = tenant.users.byId(id)
      if (!user || user.blocked) return undefined
      const login = token?.grantId ? tenant.logins.get(token.grantId) : undefined
      // A member who was removed from the organization gets no new token for it.
      const isRemoved =
        login?.organization && !tenant.organizations.isMember(login.organization, id)
      if (isRemoved && ctx.oidc.route === 'token') return
      return {
        accountId: id,
        claims: (use, scope) => ({
          ...userClaims(user, scope),
          ...organizationClaims(tenant, login),
          ...(use === 'id_token' && login && { sid: login.sid }),
        }),
      }
    },
    loadExistingGrant: (ctx) => grantWithoutConsent(tenant, ctx),
    extraTokenClaims: (_ctx, token) =>
      'grantId' in token && typeof token.grantId === 'string'
        ? organizationClaims(tenant, tenant.logins.get(token.grantId))
        : undefined,
    formats: { customizers: { jwt: auth0TokenProfile(tenant) } },
    clientAuthMethods: ['client_secret_post'],
    features: {
      devInteractions: { enabled: false },
      // On unless switched off. The stand-in plays neither.
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
      },
      rpInitiatedLogout: { enabled: true },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        // Auth0's parameter `audience` is the parameter `resource` of RFC 8707.
        defaultResource: (ctx, _client, oneOf) =>
          (oneOf ?? ctx.oidc.params?.audience ?? ctx.oidc.body?.audience) as string,
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, audience, client) =>
          resourceServer(tenant, audience, client.clientId),
      },
    },
    interactions: {
      policy: organizationPrompt(tenant),
      url: (_ctx, interaction) => `/u/${interaction.uid}`,
    },
    renderError(ctx, out) {
      const text = out.error_description ?? out.error
      sendPage(ctx, ctx.status, messagePage('Something went wrong', text))
    },
  })
}

type Lifetimes = NonNullable<Configuration['ttl']>

function lifetimes({ settings }: Tenant): Lifetimes {
  const accessToken = () => settings.accessTokenSeconds
  // A rotated refresh token expires when the first of its family would.
  const refreshToken: Lifetimes['RefreshToken'] = (ctx) =>
    ctx?.oidc?.entities.RotatedRefreshToken?.remainingTTL ?? 30 * daySeconds
  return {
    AccessToken: accessToken,
    ClientCredentials: accessToken,
    AuthorizationCode: 600,
    IdToken: idTokenSeconds,
    Interaction: 3600,
    Session: 3 * daySeconds,
    Grant: 400 * daySeconds,
    RefreshToken: refreshToken,
  }
}

/** oidc-provider drops the scope `offline_access` unless a consent page is shown, and Auth0 shows none. */
function keepOfflineAccess(ctx: KoaContextWithOIDC) {
  const asked = new URLSearchParams(ctx.search).get('scope') ?? ''
  const params = ctx.oidc.params
  if (!params || !asked.split(' ').includes('offline_access')) return
  params.scope = [...new Set(`${params.scope ?? ''} offline_access`.trim().split(' '))].join(' ')
}
