import 'server-only'
import { type NextRequest, NextResponse } from 'next/server'
import { config } from '../../config'
import { signInFailedUrl } from '../../legacy/auth0'
import { legacyCallback } from '../../legacy/routes'
import { isSessionCookie } from '../../legacy/session'
import { requestTime } from '../../request/clock'
import { withSetCookies } from '../../request/forward'
import { safeReturnTo } from '../../request/return-to'
import { type CookieNames, consumerCookies, expiredSessionCookies } from '../../stytch/cookies'
import { endDuplicateSessions, endSession, sessionToEnd } from '../../stytch/end-session'
import { stytchIssuerName } from '../../stytch/issuer'
import { readStytchSession } from '../../stytch/session'
import { type Credentials, readCredentials, valuesOf } from '../../token/credentials'
import { revokeLater } from '../revocation/jobs'
import { registry } from '../routing/registry'

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
  isSessionCookie(name: string): boolean
  stytchCookies: CookieNames
  /** Ends the session of these credentials at Stytch. @returns false when it may still be used */
  endSession(credentials: Credentials, now: Date): Promise<boolean>
  /** The page that says that the sign-in failed. @param target the path after the sign-in */
  failedUrl(target: string): URL
}

const consumerLogin: LegacyCallback = {
  complete: legacyCallback,
  isSessionCookie,
  stytchCookies: consumerCookies,
  endSession: endReplacedSession,
  failedUrl: (target) => signInFailedUrl(safeReturnTo(target)),
}

/** See {@link completeLegacySignIn}. */
export async function replaceStytchSession(
  login: LegacyCallback,
  request: NextRequest,
): Promise<NextResponse> {
  const response = await login.complete(request)
  const isSignIn = response.cookies
    .getAll()
    .some(({ name, value }) => login.isSessionCookie(name) && value)
  if (!isSignIn) return response
  const credentials = { ...readCredentials(request.headers), bearer: null }
  const { token, jwt } = login.stytchCookies
  const most = Math.max(valuesOf(credentials, token).length, valuesOf(credentials, jwt).length)
  // Some of several cookies are planted. Too many of them must not stop the sign-in.
  const isReplaced =
    most === 0 || (await login.endSession(credentials, requestTime(request.headers))) || most > 1
  if (isReplaced) return withSetCookies(response, expiredSessionCookies(login.stytchCookies))
  const target = new URL(response.headers.get('location') ?? '/', config().appBaseUrl)
  return NextResponse.redirect(login.failedUrl(target.pathname + target.search))
}

/**
 * Lists the Stytch session of this browser and revokes it, now or by a job. Never throws.
 * @returns false when it was neither listed nor revoked
 */
async function endReplacedSession(credentials: Credentials, now: Date): Promise<boolean> {
  const reading = await readStytchSession(credentials, registry(), now)
  const replaced = sessionToEnd(reading, stytchIssuerName(), now)
  if (replaced) return endSession(replaced, 'replaced', now, revokeLater(replaced))
  const issuers = { registry: registry(), issuer: stytchIssuerName() }
  return endDuplicateSessions(credentials, issuers, now, revokeLater, { reason: 'replaced' })
}
