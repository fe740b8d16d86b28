import { NextRequest, NextResponse } from 'next/server'
import { config } from '../../config'
import { safeReturnTo } from '../../request/return-to'
import { legacyLoginPath, signInFailedUrl } from '../paths'
import { auth0 } from './auth0'

/** Completes a sign-in at Auth0. The response sets the session cookies, unless the sign-in failed. */
export const legacyCallback = (request: NextRequest): Promise<NextResponse> =>
  auth0().middleware(request)

/**
 * Answers the start of the legacy login.
 *
 * The SDK passes every query parameter of /auth/login to the provider, so a link could choose the audience, the
 * connection or the organization. Only `returnTo` and `screen_hint` are passed on here. The SDK's /auth/logout can
 * be called by every page of the web, so signing out is a server action.
 */
export async function legacyRoute(request: NextRequest): Promise<NextResponse | null> {
  const { pathname } = request.nextUrl
  if (request.method !== 'GET' || pathname !== legacyLoginPath) return null

  const { searchParams } = request.nextUrl
  const returnTo = safeReturnTo(searchParams.get('returnTo'))
  const login = new URL(legacyLoginPath, config().appBaseUrl)
  login.searchParams.set('returnTo', returnTo)
  if (searchParams.get('screen_hint') === 'signup') login.searchParams.set('screen_hint', 'signup')
  const response = await auth0().middleware(new NextRequest(login, { headers: request.headers }))
  if (response.status < 500) return response
  // The provider did not send its configuration. The SDK would then answer with a line of plain text.
  return NextResponse.redirect(signInFailedUrl(returnTo))
}
