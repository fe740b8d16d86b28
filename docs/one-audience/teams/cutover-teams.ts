/** The product has only teams, so each request addresses their members. */
import type { NextRequest, NextResponse } from 'next/server'
import { teamLegacyCallbackPath, teamLegacyRoute } from '../legacy/auth0/team/routes'
import { hostRoute } from '../team/host-route'
import { linkBaseUrl, teamAddress } from '../team/hosts'
import type { Addressee } from './routing/assess'
import { members } from './team/audience'

export { hostRoute }

export const isTeamCallback = (pathname: string): boolean => pathname === teamLegacyCallbackPath

export const teamLogin = (request: NextRequest): Promise<NextResponse | null> =>
  teamLegacyRoute(request, linkBaseUrl(request.headers.get('host')))

export const addresseeOf = ({ nextUrl, headers }: NextRequest): Addressee => ({
  audience: members,
  organization: teamAddress(nextUrl.pathname, headers.get('host'))?.slug ?? null,
})
