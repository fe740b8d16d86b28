import { NextRequest, NextResponse } from 'next/server'
import { config } from '../config'
import { safeReturnTo } from '../request/return-to'
import { auth0, signInFailedUrl } from './auth0'

/** Where the legacy login starts. A document navigation: use `<a>`, a prefetched login is a login. */
const legacyLoginPath = '/auth/login'

/**
 * Answers the two routes of the legacy login, and nothing else of what the SDK would mount.
 *
 * The SDK passes every query parameter of /auth/login on to the provider, so that a link could choose the
 * audience, the connection or the organization; only these two go through. Its /auth/logout can be
 * called by any page of the web: signing out is a server action instead.
 */
export async function legacyRoute(request: NextRequest): Promise<NextResponse | null> {
  const { pathname, searchParams } = request.nextUrl
  if (request.method !== 'GET') return null
  if (pathname === '/auth/callback') return auth0().middleware(request)
  if (pathname !== legacyLoginPath) return null

  const returnTo = safeReturnTo(searchParams.get('returnTo'))
  const login = new URL(legacyLoginPath, config().appBaseUrl)
  login.searchParams.set('returnTo', returnTo)
  if (searchParams.get('screen_hint') === 'signup') login.searchParams.set('screen_hint', 'signup')
  const response = await auth0().middleware(new NextRequest(login, { headers: request.headers }))
  if (response.status < 500) return response
  // The provider could not be asked where its login is: the SDK would leave the person with a line of text.
  return NextResponse.redirect(signInFailedUrl(returnTo))
}
