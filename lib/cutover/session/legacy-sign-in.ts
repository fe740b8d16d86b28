import 'server-only'
import { type NextRequest, NextResponse } from 'next/server'
import { config } from '../../config'
import { signInFailedUrl } from '../../legacy/auth0/auth0'
import { legacyCallback } from '../../legacy/auth0/routes'
import { requestTime } from '../../request/clock'
import { withSetCookies } from '../../request/forward'
import { safeReturnTo } from '../../request/return-to'
import { expiredSessionCookies } from '../../stytch/cookies'
import { readCredentials, valuesOf } from '../../token/credentials'
import { consumerStytchLogin, endStytchSession, type StytchLogin } from './end-stytch-session'

/**
 * Completes a sign-in at the legacy provider. It ends the Stytch session that this browser had before, which would take
 * precedence. Expired cookies alone would leave a copy of that session alive.
 *
 * If the old session cannot be ended, the sign-in fails, and nothing changes in this browser. Otherwise the user would
 * take the old session for replaced.
 */
export const completeLegacySignIn = (request: NextRequest): Promise<NextResponse> =>
  replaceStytchSession(consumerLogin, request)

/** What differs between the legacy logins of consumers and of teams. */
export type LegacyCallback = {
  complete(request: NextRequest): Promise<NextResponse>
  /** The session at Stytch that the sign-in replaces. */
  stytch: StytchLogin
  /** The page that says that the sign-in failed. @param target the path after the sign-in */
  failedUrl(target: string): URL
}

const consumerLogin: LegacyCallback = {
  complete: legacyCallback,
  stytch: consumerStytchLogin,
  failedUrl: (target) => signInFailedUrl(safeReturnTo(target)),
}

/** See {@link completeLegacySignIn}. */
export async function replaceStytchSession(
  login: LegacyCallback,
  request: NextRequest,
): Promise<NextResponse> {
  const response = await login.complete(request)
  const { audience } = login.stytch
  const isSignIn = response.cookies
    .getAll()
    .some(({ name, value }) => audience.isLegacyCookie(name) && value)
  if (!isSignIn) return response
  const credentials = { ...readCredentials(request.headers), bearer: null }
  const { token, jwt } = audience.project.cookies
  const most = Math.max(valuesOf(credentials, token).length, valuesOf(credentials, jwt).length)
  // Some of several cookies are planted. Too many of them must not stop the sign-in.
  const now = requestTime(request.headers)
  const isReplaced =
    most === 0 || (await endStytchSession(login.stytch, credentials, 'replaced', now)) || most > 1
  if (isReplaced) return withSetCookies(response, expiredSessionCookies(audience.project.cookies))
  const target = new URL(response.headers.get('location') ?? '/', config().appBaseUrl)
  return NextResponse.redirect(login.failedUrl(target.pathname + target.search))
}
