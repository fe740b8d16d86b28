import type { Auth0Settings } from '../../legacy/auth0/settings'
import { createPkce } from '../../token/pkce'
import { type Check, type Outcome, ok, problem } from './finding'
import { jsonRequest, type Services } from './service'

const application = 'Auth0 dashboard, Applications, the application for teams, Settings'
const none = ok('The product has no teams: AUTH0_TEAM_CLIENT_ID is empty.')

/** The main host, and the hosts of single teams. A login begins and ends on one host, so Auth0 must know each. */
export function teamBaseUrls(appBaseUrl: string, teamHosts = ''): string[] {
  const { protocol } = new URL(appBaseUrl)
  const hosts = teamHosts
    .toLowerCase()
    .split(/[,\s]+/)
    .filter(Boolean)
  return [appBaseUrl, ...hosts.map((host) => `${protocol}//${host}`)]
}

/** Checks of Auth0 with the client of the teams' login. They need no scope of the Management API. */
export function auth0TeamChecks(
  { team, issuer, audience }: Auth0Settings,
  baseUrls: string[],
  { ask }: Services,
): Check[] {
  if (!team) {
    return [
      { code: 'auth0_team_client_secret', run: () => none },
      { code: 'auth0_team_callback', run: () => none },
      { code: 'auth0_team_logout', run: () => none },
    ]
  }

  return [
    {
      code: 'auth0_team_client_secret',
      async run(): Promise<Outcome> {
        // A made-up refresh token: Auth0 authenticates the client first, and refuses the token then.
        const { status } = await ask(
          `${issuer}oauth/token`,
          jsonRequest('POST', {
            grant_type: 'refresh_token',
            client_id: team.clientId,
            client_secret: team.clientSecret,
            refresh_token: 'cutover-doctor',
          }),
        )
        if (status !== 401) return ok(`Client ${team.clientId}`)
        return problem(
          'Auth0 refuses the client of the teams and its secret.',
          `AUTH0_TEAM_CLIENT_ID and AUTH0_TEAM_CLIENT_SECRET; ${application}`,
        )
      },
    },
    {
      code: 'auth0_team_callback',
      async run() {
        const callbacks = baseUrls.map((baseUrl) => `${baseUrl}/team/auth/callback`)
        for (const callback of callbacks) {
          const url = new URL('authorize', issuer)
          const parameters = {
            client_id: team.clientId,
            redirect_uri: callback,
            response_type: 'code',
            scope: 'openid profile email offline_access',
            state: 'cutover-doctor',
            code_challenge: createPkce().codeChallenge,
            code_challenge_method: 'S256',
            ...(audience && { audience }),
          }
          for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
          const { status } = await ask(url.href)
          if (status >= 300 && status < 400) continue
          return problem(
            `Auth0 refuses to return a login to ${callback} (status ${status}).`,
            `${application}, Allowed Callback URLs`,
          )
        }
        return ok(callbacks.join(', '))
      },
    },
    {
      code: 'auth0_team_logout',
      async run() {
        const pages = baseUrls.map((baseUrl) => `${baseUrl}/team`)
        for (const returnTo of pages) {
          const url = new URL('v2/logout', issuer)
          url.searchParams.set('client_id', team.clientId)
          url.searchParams.set('returnTo', returnTo)
          const { status } = await ask(url.href)
          if (status >= 300 && status < 400) continue
          return problem(
            `Auth0 refuses to return a logout to ${returnTo} (status ${status}).`,
            `${application}, Allowed Logout URLs`,
          )
        }
        return ok(pages.join(', '))
      },
    },
  ]
}
