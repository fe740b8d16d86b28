import 'server-only'
import { type NextRequest, NextResponse } from 'next/server'
import { teamSignInFailedUrl } from '../../legacy/auth0/team/auth0'
import { teamLegacyCallback } from '../../legacy/auth0/team/routes'
import { hasTeams } from '../../team/config'
import { linkBaseUrl } from '../../team/hosts'
import { safeTeamReturnTo } from '../../team/return-to'
import { type LegacyCallback, replaceStytchSession } from '../session/legacy-sign-in'
import { memberStytchLogin } from './end-session'

const teamLogin = (baseUrl: string): LegacyCallback => ({
  complete: (request) => teamLegacyCallback(request, baseUrl),
  stytch: memberStytchLogin,
  failedUrl: (target) =>
    teamSignInFailedUrl('legacy_sign_in_failed', safeTeamReturnTo(target), baseUrl),
})

/** Completes a sign-in of a member at the legacy provider. It ends the member's Stytch session in this browser. */
export const completeTeamLegacySignIn = async (request: NextRequest): Promise<NextResponse> =>
  hasTeams()
    ? replaceStytchSession(teamLogin(linkBaseUrl(request.headers.get('host'))), request)
    : new NextResponse(null, { status: 404 })
