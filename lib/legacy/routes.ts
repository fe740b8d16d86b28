import { NextRequest, NextResponse } from 'next/server'
import { config } from '../config'
import { safeReturnTo } from '../request/return-to'
import { auth0, signInFailedUrl } from './auth0'

/** Where the legacy login starts. Link to it with `<a>`: a prefetch by `<Link>` would start a login. */
const legacyLoginPath = '/auth/login'

/**
 * Answers the two routes of the legacy login. The SDK's other routes are not mounted.
 *
 * The SDK passes every query parameter of /auth/login on to the provider, so a link could choose the audience, the
 * connection or the organization. Only `returnTo` and `screen_hint` go through. Any page of the web can call the SDK's
 * /auth/logout, so signing out is a server action instead.
 */
export async function legacyRoute(request: NextRequest): Promise<NextResponse | null> {
  const { pathname } = request.nextUrl
  if (request.method !== 'GET') return null
  if (pathname === '/auth/callback') return auth0().middleware(request)
  if (pathname !== legacyLoginPath) return null

  const { searchParams } = request.nextUrl
  const returnTo = safeReturnTo(searchParams.get('returnTo'))
  const login = new URL(legacyLoginPath, config().appBaseUrl)
  login.searchParams.set('returnTo', returnTo)
  if (searchParams.get('screen_hint') === 'signup') login.searchParams.set('screen_hint', 'signup')
  const response = await auth0().middleware(new NextRequest(login, { headers: request.headers }))
  if (response.status < 500) return response
  // The SDK could not reach the provider, and its own answer is a bare line of text.
  return NextResponse.redirect(signInFailedUrl(returnTo))
}
