import 'server-only'
import { type NextRequest, NextResponse } from 'next/server'
import { config } from '../../config'
import { signInFailedUrl } from '../../legacy/auth0'
import { legacyCallback } from '../../legacy/routes'
import { isSessionCookie } from '../../legacy/session'
import { requestTime } from '../../request/clock'
import { withSetCookies } from '../../request/forward'
import { safeReturnTo } from '../../request/return-to'
import { expiredSessionCookies, sessionJwtCookie, sessionTokenCookie } from '../../stytch/cookies'
import { endDuplicateSessions, endSession, sessionToEnd } from '../../stytch/end-session'
import { stytchIssuerName } from '../../stytch/issuer'
import { readStytchSession } from '../../stytch/session'
import { readCredentials, valuesOf } from '../../token/credentials'
import { revokeLater } from '../revocation/jobs'
import { registry } from '../routing/registry'

/**
 * Completes a sign-in at the legacy provider. It ends the Stytch session that this browser had before, which would take
 * precedence. Expired cookies alone would leave a copy of that session alive.
 *
 * If the old session cannot be ended, the sign-in fails, and nothing changes in this browser. Otherwise the user would
 * take the old session for replaced.
 */
export async function completeLegacySignIn(request: NextRequest): Promise<NextResponse> {
  const response = await legacyCallback(request)
  const isSignIn = response.cookies
    .getAll()
    .some(({ name, value }) => isSessionCookie(name) && value)
  if (!isSignIn) return response
  if (await endReplacedSession(request.headers)) {
    return withSetCookies(response, expiredSessionCookies())
  }
  const target = new URL(response.headers.get('location') ?? '/', config().appBaseUrl)
  return NextResponse.redirect(signInFailedUrl(safeReturnTo(target.pathname + target.search)))
}

/**
 * Lists the Stytch session of this browser and revokes it, now or by a job. Never throws.
 * @returns false when it was neither listed nor revoked
 */
async function endReplacedSession(received: Headers): Promise<boolean> {
  const credentials = { ...readCredentials(received), bearer: null }
  const tokens = valuesOf(credentials, sessionTokenCookie).length
  const jwts = valuesOf(credentials, sessionJwtCookie).length
  if (tokens + jwts === 0) return true

  const now = requestTime(received)
  const reading = await readStytchSession(credentials, registry(), now)
  const replaced = sessionToEnd(reading, stytchIssuerName(), now)
  if (replaced) return endSession(replaced, 'replaced', now, revokeLater(replaced))
  const issuers = { registry: registry(), issuer: stytchIssuerName() }
  const isEnded = await endDuplicateSessions(credentials, issuers, now, revokeLater, {
    reason: 'replaced',
  })
  // Some of several cookies are planted. Too many of them must not stop the sign-in.
  return isEnded || Math.max(tokens, jwts) > 1
}
