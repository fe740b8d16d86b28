import { type NextRequest, NextResponse } from 'next/server'
import { linkBaseUrl, slugOfHost, teamAddress, teamHostUrl } from './hosts'

const noStore = { 'cache-control': 'private, no-store' }

/**
 * Answers a request that reaches the host of one team, and belongs elsewhere. Such a host has only the pages of its
 * team: the cookies of the host are those of its members.
 *
 * - `/` and the search for a team become the pages of this team, on the same host.
 * - Every other page redirects to the main host, or to the host of the team that its path names. The host of a redirect
 *   comes from the settings, and never from the request.
 * - Everything that a redirect would break is unknown here: other methods, and the API, whose clients send a token.
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
  const address = teamAddress(pathname, host)
  if (address?.slug === own) return null
  const isPage = request.method === 'GET' || request.method === 'HEAD'
  if (!isPage || pathname.startsWith('/api/')) {
    return new NextResponse(null, { status: 404, headers: noStore })
  }
  const other = address?.slug ?? null
  // Text, because `new URL` would take a path that begins with `//` for another host.
  const path = `${pathname}${search}`
  return redirect(other ? teamHostUrl(other, path) : `${linkBaseUrl(null)}${path}`)
}

const redirect = (url: string) => NextResponse.redirect(url, { headers: noStore })
