import { Auth0Client, filterDefaultIdTokenClaims } from '@auth0/nextjs-auth0/server'
import { NextResponse } from 'next/server'
import { config } from '../../../config'
import { teamHome } from '../../../team/return-to'
import { auth0Config } from '../../config'
import { sharedOptions } from '../auth0'
import { organizationOfClaims } from './organization'

/** The paths of the login of teams. */
export const teamRoutes = {
  login: '/team/auth/login',
  callback: '/team/auth/callback',
  logout: '/team/auth/logout',
} as const

/** Begins like no cookie of the other login. Otherwise each login would delete the pending logins of the other. */
export const teamTransactionPrefix = '__team_txn_'

/** Why a login of a team failed. The codes are stable: the page of the teams explains them. */
export type TeamSignInProblem =
  | 'legacy_sign_in_failed'
  | 'organization_missing'
  | 'organization_invalid'
  | 'organization_denied'

/** The page of the teams with a notice that the sign-in failed. The user can try again there. */
export function teamSignInFailedUrl(
  problem: TeamSignInProblem,
  returnTo: string,
  baseUrl = config().appBaseUrl,
): URL {
  const page = new URL(teamHome, baseUrl)
  page.searchParams.set('problem', problem)
  page.searchParams.set('returnTo', returnTo)
  return page
}

/** A login ends without an organization. No session may be sealed. */
export class OrganizationMissing extends Error {
  readonly code = 'organization_missing'
  readonly returnTo: string
  constructor(returnTo: string) {
    super('The login of a team ended without an organization.')
    this.name = 'OrganizationMissing'
    this.returnTo = returnTo
  }
}

const clients = new Map<string, Auth0Client>()

/**
 * The Auth0 SDK for teams, with cookies and routes of its own. A browser can hold both sessions.
 * @param baseUrl of the host on which the login begins and ends. One of our settings, and never a host of a request: the
 *   SDK itself would also take the host from `X-Forwarded-Host`.
 */
export function teamAuth0(baseUrl = config().appBaseUrl): Auth0Client {
  const client = clients.get(baseUrl) ?? createClient(baseUrl)
  clients.set(baseUrl, client)
  return client
}

function createClient(appBaseUrl: string): Auth0Client {
  const { team } = auth0Config()
  if (!team) throw new Error('The login of teams is not configured.')
  const shared = sharedOptions()
  return new Auth0Client({
    ...shared,
    appBaseUrl,
    clientId: team.clientId,
    clientSecret: team.clientSecret,
    secret: team.secret,
    routes: teamRoutes,
    session: { ...shared.session, cookie: { ...shared.session.cookie, name: team.cookieName } },
    transactionCookie: { prefix: teamTransactionPrefix, secure: shared.session.cookie.secure },
    // The SDK's own filter removes the name of the organization.
    beforeSessionSaved: async (session) => {
      const { org_name } = session.user
      const user = filterDefaultIdTokenClaims(session.user)
      return { ...session, user: typeof org_name === 'string' ? { ...user, org_name } : user }
    },
    onCallback: async (error, context, session) => {
      const returnTo = context.returnTo ?? teamHome
      if (error) {
        console.error(`legacy: sign-in of a team failed: ${error.code}`)
        return NextResponse.redirect(teamSignInFailedUrl(problemOf(error), returnTo, appBaseUrl))
      }
      // After this hook, the SDK seals the session. Only an exception prevents that.
      if (!organizationOfClaims(session?.user ?? {})) throw new OrganizationMissing(returnTo)
      return NextResponse.redirect(new URL(returnTo, appBaseUrl))
    },
  })
}

/** Auth0 answers `access_denied` when the user is not a member of the organization. */
function problemOf(error: Error): TeamSignInProblem {
  const { cause } = error as { cause?: { code?: string } }
  return cause?.code === 'access_denied' ? 'organization_denied' : 'legacy_sign_in_failed'
}
