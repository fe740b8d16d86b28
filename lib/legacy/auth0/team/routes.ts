import { NextRequest, NextResponse } from 'next/server'
import { config } from '../../../config'
import { safeTeamReturnTo } from '../../../team/return-to'
import { legacyConfig } from '../../config'
import {
  OrganizationMissing,
  teamAuth0,
  teamRoutes,
  teamSignInFailedUrl,
  teamTransactionPrefix,
} from './auth0'
import { isOrganizationName } from './organization'

/**
 * Answers the start of the legacy login of teams.
 *
 * The SDK passes every query parameter to the provider, so a link could choose the audience or the connection. Only
 * `returnTo`, `organization` and `invitation` are passed on here, in the form that Auth0 gives them. Signing out is a
 * server action, because every page of the web can link to /team/auth/logout.
 * @param baseUrl of the host on which the login begins and ends, see {@link teamAuth0}
 * @returns null for another path, and when the product has no teams
 */
export async function teamLegacyRoute(
  request: NextRequest,
  baseUrl = config().appBaseUrl,
): Promise<NextResponse | null> {
  const { pathname, searchParams } = request.nextUrl
  if (request.method !== 'GET' || !legacyConfig().team) return null
  if (pathname !== teamRoutes.login) return null

  const returnTo = safeTeamReturnTo(searchParams.get('returnTo'))
  const login = new URL(teamRoutes.login, baseUrl)
  login.searchParams.set('returnTo', returnTo)
  const organization = searchParams.get('organization')
  if (organization !== null) {
    if (!isOrganizationName(organization)) {
      return NextResponse.redirect(teamSignInFailedUrl('organization_invalid', returnTo, baseUrl))
    }
    login.searchParams.set('organization', organization)
    const invitation = searchParams.get('invitation') ?? ''
    if (/^[\w-]{1,128}$/.test(invitation)) login.searchParams.set('invitation', invitation)
  }
  const headers = request.headers
  const response = await teamAuth0(baseUrl).middleware(new NextRequest(login, { headers }))
  if (response.status < 500) return response
  // The provider did not send its configuration. The SDK would then answer with a line of plain text.
  return NextResponse.redirect(teamSignInFailedUrl('legacy_sign_in_failed', returnTo, baseUrl))
}

/** The start of the legacy login of teams. */
export const teamLegacyLoginPath = teamRoutes.login

/** Auth0 redirects the browser to this path. app/(cutover)/team/auth/callback answers it. */
export const teamLegacyCallbackPath = teamRoutes.callback

/** Completes a sign-in of a team at Auth0. The response sets the session cookies, unless the sign-in failed. */
export async function teamLegacyCallback(
  request: NextRequest,
  baseUrl = config().appBaseUrl,
): Promise<NextResponse> {
  try {
    return await teamAuth0(baseUrl).middleware(request)
  } catch (error) {
    if (!(error instanceof OrganizationMissing)) throw error
    console.error(`legacy: sign-in of a team failed: ${error.code}`)
    const page = teamSignInFailedUrl(error.code, error.returnTo, baseUrl)
    const response = NextResponse.redirect(page)
    response.headers.set('cache-control', 'no-store')
    // The SDK deletes this cookie only after a login that succeeded, or that the provider refused.
    const pending = `${teamTransactionPrefix}${request.nextUrl.searchParams.get('state')}`
    if (request.cookies.has(pending)) response.cookies.set(pending, '', { path: '/', maxAge: 0 })
    return response
  }
}
