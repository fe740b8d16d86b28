import { type NextRequest, NextResponse } from 'next/server'
import { rewriteTo } from '../request/forward'
import { slugOfHost, teamAddress, teamHostUrl } from './hosts'

const noStore = { 'cache-control': 'private, no-store' }

/**
 * Answers a request that reaches the host of one team, and is for none of the team's pages. The cookies of such a host
 * are those of the team's members.
 *
 * - `/` and the search for a team become the pages of this team, on the same host.
 * - Everything else is unknown here: the pages and the API of other teams and of consumers. A redirect to the main host
 *   would be no use in the demo: Next makes a path of every redirect to the address on which it listens.
 * @returns null on the main host, on a host that is not in TEAM_HOSTS, and for the pages of the team
 */
export function hostRoute(request: NextRequest): NextResponse | null {
  const host = request.headers.get('host')
  const own = slugOfHost(host)
  if (own === null) return null
  const { pathname, search } = request.nextUrl
  const home = `/team/${own}`
  if (pathname === '/') return redirect(teamHostUrl(own, home))
  if (pathname === '/team/login' || pathname === '/team/choose') {
    return redirect(teamHostUrl(own, `${home}/login${search}`))
  }
  if (teamAddress(pathname, host)?.slug === own) return null
  const init = { status: 404, headers: noStore }
  const isPage = request.method === 'GET' && !pathname.startsWith('/api/')
  return isPage ? rewriteTo('/_not-found', request, null, init) : new NextResponse(null, init)
}

const redirect = (url: string) => NextResponse.redirect(url, { headers: noStore })
