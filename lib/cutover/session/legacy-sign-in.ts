import 'server-only'
import { type NextRequest, NextResponse } from 'next/server'
import { config } from '../../config'
import { errorText } from '../../error-text'
import { signInFailedUrl } from '../../legacy/auth0'
import { legacyCallback } from '../../legacy/routes'
import { isSessionCookie, readLegacySession } from '../../legacy/session'
import { requestTime } from '../../request/clock'
import { withSetCookies } from '../../request/forward'
import { safeReturnTo } from '../../request/return-to'
import { expiredSessionCookies, sessionJwtCookie, sessionTokenCookie } from '../../stytch/cookies'
import { endDuplicateSessions, endSession, sessionToEnd } from '../../stytch/end-session'
import { stytchIssuerName } from '../../stytch/issuer'
import { readStytchSession } from '../../stytch/session'
import { type Credentials, readCredentials, valuesOf } from '../../token/credentials'
import { reopenClaim, sessionKeys } from '../migration/claim'
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
  const opened = response.cookies
    .getAll()
    .filter(({ name, value }) => isSessionCookie(name) && value !== '')
  if (opened.length === 0) return response

  const current = readCredentials(request.headers)
  const next = new Map(opened.map(({ name, value }) => [name, value]))
  const now = requestTime(request.headers)
  const isEnded = await endReplacedSession(current, next, now).catch((error: unknown) => {
    console.error(`sign-in: the replaced session could not be ended: ${errorText(error)}`)
    return false
  })
  if (isEnded) return withSetCookies(response, expiredSessionCookies())
  const { pathname, search } = new URL(response.headers.get('location') ?? '/', config().appBaseUrl)
  return NextResponse.redirect(signInFailedUrl(safeReturnTo(pathname + search)))
}

/**
 * Lists the Stytch session of this browser and revokes it, now or by a job.
 * @param next the cookies of the new legacy session
 * @returns false when it was neither listed nor revoked
 * @throws {DatabaseUnavailable} and driver errors
 */
async function endReplacedSession(
  current: Credentials,
  next: ReadonlyMap<string, string>,
  now: Date,
): Promise<boolean> {
  const tokens = valuesOf(current, sessionTokenCookie)
  const jwts = valuesOf(current, sessionJwtCookie)
  if (tokens.length + jwts.length === 0) return true
  const credentials = { bearer: null, cookies: next, duplicates: new Map() }
  const legacy = await readLegacySession(credentials, registry(), now)
  if (legacy.state === 'valid') await reopenClaim(await sessionKeys(legacy.session), tokens, now)

  const cookies = { ...current, bearer: null }
  const reading = await readStytchSession(cookies, registry(), now)
  const replaced = sessionToEnd(reading, stytchIssuerName(), now)
  if (replaced) return endSession(replaced, 'replaced', now, revokeLater(replaced))
  const issuers = { registry: registry(), issuer: stytchIssuerName() }
  const isEnded = await endDuplicateSessions(cookies, issuers, now, revokeLater, 'replaced')
  // Some of several cookies are planted. Too many of them must not stop the sign-in.
  return isEnded || Math.max(tokens.length, jwts.length) > 1
}
