import 'server-only'
import { type NextRequest, NextResponse } from 'next/server'
import { config } from '../../config'
import { legacyProvider } from '../../legacy/configured-provider'
import { signInFailedUrl } from '../../legacy/paths'
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
export async function completeLegacySignIn(request: NextRequest): Promise<NextResponse> {
  const complete = legacyProvider().completeLogin
  // The provider has no redirect, so nobody comes here.
  if (!complete) return new NextResponse(null, { status: 404 })
  return replaceStytchSession({ ...consumerLogin, complete }, request)
}

/** What differs between the legacy logins of consumers and of teams. */
export type LegacyCallback = {
  complete(request: NextRequest): Promise<NextResponse>
  /** The session at Stytch that the sign-in replaces. */
  stytch: StytchLogin
  /** The page that says that the sign-in failed. @param target the path after the sign-in */
  failedUrl(target: string): URL
}

const consumerLogin: Omit<LegacyCallback, 'complete'> = {
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
  if (await endFormerStytchSession(login.stytch, request.headers)) {
    return withSetCookies(response, expiredSessionCookies(audience.project.cookies))
  }
  const target = new URL(response.headers.get('location') ?? '/', config().appBaseUrl)
  return NextResponse.redirect(login.failedUrl(target.pathname + target.search))
}

/**
 * Ends the Stytch session that this browser had before a sign-in at the legacy provider.
 * @returns false when it may still be used
 */
export async function endFormerStytchSession(
  login: StytchLogin,
  received: Headers,
): Promise<boolean> {
  const credentials = { ...readCredentials(received), bearer: null }
  const { token, jwt } = login.audience.project.cookies
  const most = Math.max(valuesOf(credentials, token).length, valuesOf(credentials, jwt).length)
  // Some of several cookies are planted. Too many of them must not stop the sign-in.
  const now = requestTime(received)
  return most === 0 || (await endStytchSession(login, credentials, 'replaced', now)) || most > 1
}
