/**
 * Everything that the middleware uses of the teams. A starter without teams replaces this file: docs/one-audience.md.
 */
import type { NextRequest, NextResponse } from 'next/server'
import {
  teamLegacyCallbackPath,
  teamLegacyLoginPath,
  teamLegacyRoute,
} from '../legacy/auth0/team/routes'
import { hostRoute } from '../team/host-route'
import { linkBaseUrl, teamAddress } from '../team/hosts'
import type { Addressee } from './routing/assess'
import { members } from './team/audience'

export { hostRoute }

export const isTeamCallback = (pathname: string): boolean => pathname === teamLegacyCallbackPath

/** Answers the start of the legacy login of a team, on the host of the request. */
export async function teamLogin(request: NextRequest): Promise<NextResponse | null> {
  // Every request comes here, and only this path needs the URL of its host.
  if (request.nextUrl.pathname !== teamLegacyLoginPath) return null
  return teamLegacyRoute(request, linkBaseUrl(request.headers.get('host')))
}

/** The part of the app that a request addresses: a team, or everything else. */
export function addresseeOf({ nextUrl, headers }: NextRequest): Addressee {
  const team = teamAddress(nextUrl.pathname, headers.get('host'))
  return team ? { audience: members, organization: team.slug } : {}
}
