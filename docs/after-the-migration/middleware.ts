import { type NextRequest, NextResponse } from 'next/server'
import { config as settings } from '@/lib/config'
import { requestTime } from '@/lib/request/clock'
import { forward, rewriteTo, withSetCookies } from '@/lib/request/forward'
import { requestKind } from '@/lib/request/kind'
import { expiredSessionCookies, sessionCookies } from '@/lib/stytch/cookies'
import { stytchIssuer } from '@/lib/stytch/issuer'
import { consumerProject } from '@/lib/stytch/project'
import { readStytchSession, refreshOnce } from '@/lib/stytch/session'
import { hostRoute } from '@/lib/team/host-route'
import { linkBaseUrl, teamAddress } from '@/lib/team/hosts'
import { teamIssuer } from '@/lib/team/stytch/issuer'
import { teamProject } from '@/lib/team/stytch/project'
import { readCredentials } from '@/lib/token/credentials'
import { createRegistry, type Issuer, type Registry } from '@/lib/token/registry'

const registries = new Map<string, Registry>()

/** The registry of one project, whose keys are cached with it. */
function registryOf(issuer: Issuer): Registry {
  const known = registries.get(issuer.canonicalName) ?? createRegistry([issuer])
  registries.set(issuer.canonicalName, known)
  return known
}

/** The project at Stytch of a request, and the login of its pages. */
function addresseeOf(request: NextRequest) {
  const host = request.headers.get('host')
  const team = teamAddress(request.nextUrl.pathname, host)
  if (!team) {
    const login = new URL('/login', settings().appBaseUrl)
    return { project: consumerProject, issuer: stytchIssuer(), login }
  }
  const path = team.slug ? `/team/${team.slug}/login` : '/team/login'
  return { project: teamProject, issuer: teamIssuer(), login: new URL(path, linkBaseUrl(host)) }
}

/** Routes with one provider: a page needs a Stytch session, and an expired JWT is refreshed. */
export default async function middleware(request: NextRequest) {
  const elsewhere = hostRoute(request)
  if (elsewhere) return elsewhere
  const { project, issuer, login } = addresseeOf(request)
  const kind = requestKind(request.nextUrl.pathname, request.method, request.headers)
  const now = requestTime(request.headers)
  const credentials = readCredentials(request.headers)
  const reading = await readStytchSession(credentials, registryOf(issuer), now, project)
  if (reading.state === 'refreshable' && kind !== 'prefetch') {
    const refreshed = await refreshOnce(reading, issuer, project)
    const { tokens } = refreshed
    if (tokens) return forward(request, null, sessionCookies(tokens, project.cookies))
    if (refreshed.reading.state === 'none' && kind === 'page') {
      return withSetCookies(toLogin(request, login), expiredSessionCookies(project.cookies))
    }
    if (kind === 'page') return rewriteTo('/unavailable', request, null, { status: 503 })
  }
  return reading.state === 'none' && kind === 'page'
    ? toLogin(request, login)
    : forward(request, null)
}

function toLogin({ nextUrl }: NextRequest, login: URL): NextResponse {
  login.searchParams.set('returnTo', nextUrl.pathname + nextUrl.search)
  return NextResponse.redirect(login, { headers: { 'cache-control': 'private, no-store' } })
}

export const config = {
  matcher:
    '/((?!_next/static/|_next/image$|favicon\\.ico$|(?:apple-touch-)?icon\\.(?:svg|png)$|social\\.png$|robots\\.txt$).*)',
}
