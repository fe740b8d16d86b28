import { type NextRequest, NextResponse } from 'next/server'
import { config as settings } from '@/lib/config'
import { requestTime } from '@/lib/request/clock'
import { forward, rewriteTo, withSetCookies } from '@/lib/request/forward'
import { requestKind } from '@/lib/request/kind'
import { expiredSessionCookies, sessionCookies } from '@/lib/stytch/cookies'
import { stytchIssuer } from '@/lib/stytch/issuer'
import { readStytchSession, refreshOnce } from '@/lib/stytch/session'
import { readCredentials } from '@/lib/token/credentials'
import { createRegistry, type Registry } from '@/lib/token/registry'

let registry: Registry | undefined

/** Routes with one provider: a page needs a Stytch session, and an expired JWT is refreshed. */
export default async function middleware(request: NextRequest) {
  const issuer = stytchIssuer()
  registry ??= createRegistry([issuer])
  const kind = requestKind(request.nextUrl.pathname, request.method, request.headers)
  const now = requestTime(request.headers)
  const reading = await readStytchSession(readCredentials(request.headers), registry, now)
  if (reading.state === 'refreshable' && kind !== 'prefetch') {
    const refreshed = await refreshOnce(reading, issuer)
    if (refreshed.tokens) return forward(request, null, sessionCookies(refreshed.tokens))
    if (refreshed.reading.state === 'none' && kind === 'page') {
      return withSetCookies(toLogin(request), expiredSessionCookies())
    }
    if (kind === 'page') return rewriteTo('/unavailable', request, null, { status: 503 })
  }
  return reading.state === 'none' && kind === 'page' ? toLogin(request) : forward(request, null)
}

function toLogin({ nextUrl }: NextRequest): NextResponse {
  const login = new URL('/login', settings().appBaseUrl)
  login.searchParams.set('returnTo', nextUrl.pathname + nextUrl.search)
  return NextResponse.redirect(login, { headers: { 'cache-control': 'private, no-store' } })
}

export const config = {
  matcher:
    '/((?!_next/static/|_next/image$|favicon\\.ico$|(?:apple-touch-)?icon\\.(?:svg|png)$|social\\.png$|robots\\.txt$).*)',
}
