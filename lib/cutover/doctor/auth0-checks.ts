import { z } from 'zod'
import type { Auth0Settings } from '../../legacy/auth0/settings'
import { createPkce } from '../../token/pkce'
import { type Check, type Outcome, ok, problem, unchecked } from './finding'
import { once } from './once'
import { checkPublishedKeys } from './published-keys'
import { jsonRequest, type Services, ServiceUnreachable } from './service'

const discoverySchema = z.object({ issuer: z.string() })
const errorSchema = z.object({ error: z.string() }).catch({ error: '' })

const application = 'Auth0 dashboard, Applications, your application, Settings'

/** Checks of Auth0 with the app's own client. They need no scope of the Management API. */
export function auth0Checks(
  legacy: Auth0Settings,
  appBaseUrl: string,
  services: Services,
): Check[] {
  const { ask } = services
  const { issuer, clientId } = legacy

  /** Starts a login as the app does. Nobody follows it, so no session begins. */
  const authorize = once(() => {
    const url = new URL('authorize', issuer)
    const parameters = {
      client_id: clientId,
      redirect_uri: `${appBaseUrl}/auth/callback`,
      response_type: 'code',
      scope: 'openid profile email offline_access',
      state: 'cutover-doctor',
      code_challenge: createPkce().codeChallenge,
      code_challenge_method: 'S256',
      ...(legacy.audience && { audience: legacy.audience }),
    }
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
    return ask(url.href)
  })

  /** @returns the name by which the tenant calls itself, or null when there is no tenant */
  async function discover(name: string): Promise<string | null> {
    try {
      const { body } = await ask(`${name}.well-known/openid-configuration`)
      return discoverySchema.safeParse(body).data?.issuer ?? null
    } catch (error) {
      if (error instanceof ServiceUnreachable && error.code === 'ENOTFOUND') return null
      throw error
    }
  }

  return [
    {
      code: 'auth0_discovery',
      async run() {
        for (const name of legacy.issuers) {
          const found = await discover(name)
          if (found === name) continue
          return problem(
            found ? `The issuer of ${name} is ${found}.` : `There is no tenant at ${name}.`,
            `AUTH0_DOMAIN, AUTH0_CUSTOM_DOMAIN; ${application}, Domain`,
          )
        }
        return ok(legacy.issuers.join(' and '))
      },
    },
    {
      code: 'auth0_keys',
      run: () =>
        checkPublishedKeys(
          services,
          `${issuer}.well-known/jwks.json`,
          'Auth0 dashboard, Settings, Signing Keys',
        ),
    },
    {
      code: 'auth0_client_secret',
      async run() {
        // A made-up refresh token: Auth0 authenticates the client first, and refuses the token then.
        const { status, body } = await ask(
          `${issuer}oauth/token`,
          jsonRequest('POST', {
            grant_type: 'refresh_token',
            client_id: clientId,
            client_secret: legacy.clientSecret,
            refresh_token: 'cutover-doctor',
          }),
        )
        const { error } = errorSchema.parse(body)
        if (error === 'invalid_grant') return ok(`Client ${clientId}`)
        if (error === 'unauthorized_client') {
          return problem(
            'The client may not use refresh tokens, so a session with an expired access token cannot be migrated.',
            `${application}, Advanced, Grant Types, Refresh Token`,
          )
        }
        if (status !== 401) return unchecked(`Auth0 answered ${error || `status ${status}`}.`)
        return problem(
          'Auth0 refuses the client and its secret.',
          `AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET; ${application}`,
        )
      },
    },
    {
      code: 'auth0_callback',
      async run() {
        const { status } = await authorize()
        if (status >= 300 && status < 400) return ok(`${appBaseUrl}/auth/callback`)
        return problem(
          `Auth0 refuses to return a login to ${appBaseUrl}/auth/callback (status ${status}).`,
          `${application}, Allowed Callback URLs`,
        )
      },
    },
    {
      code: 'auth0_audience',
      async run(): Promise<Outcome> {
        if (!legacy.audience) {
          return ok('No audience: access tokens are opaque, and only web sessions are migrated.')
        }
        const { status, headers } = await authorize()
        const location = headers.get('location')
        if (status < 300 || status >= 400 || !location) {
          return unchecked('The login does not start, see auth0_callback.', application)
        }
        const error = new URL(location, issuer).searchParams.get('error')
        if (!error) return ok(legacy.audience)
        return problem(
          `Auth0 refuses a login for the audience ${legacy.audience} (${error}).`,
          'AUTH0_AUDIENCE; Auth0 dashboard, Applications, APIs, Identifier',
        )
      },
    },
    {
      code: 'auth0_logout',
      async run() {
        const url = new URL('v2/logout', issuer)
        url.searchParams.set('client_id', clientId)
        url.searchParams.set('returnTo', `${appBaseUrl}/`)
        const { status } = await ask(url.href)
        if (status >= 300 && status < 400) return ok(`${appBaseUrl}/`)
        return problem(
          `Auth0 refuses to return a logout to ${appBaseUrl}/ (status ${status}).`,
          `${application}, Allowed Logout URLs`,
        )
      },
    },
  ]
}
