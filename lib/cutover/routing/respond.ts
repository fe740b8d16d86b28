import { type NextRequest, NextResponse } from 'next/server'
import { config } from '../../config'
import { legacyConfig } from '../../legacy/config'
import { isRenewalDue } from '../../legacy/renewal'
import { allowFormTarget } from '../../request/content-security-policy'
import { addressOf, type Cookie, forward, rewriteTo, withSetCookies } from '../../request/forward'
import type { Trace } from '../../request/trace'
import { expiredCookie, expiredSessionCookies, sessionCookies } from '../../stytch/cookies'
import type { Refusal } from '../../token/refusal'
import { flagCookie } from '../cohort/flag-cookie'
import type { Assessment } from './assess'
import { refusalOf } from './refusal'

/** Refusals that recur while the browser has its cookies. The response therefore expires the cookies. */
const unrecoverable: ReadonlySet<Refusal> = new Set([
  'session_ended',
  'session_mismatch',
  'duplicate_cookie',
])

/** Makes the response for a verdict, with the cookies that it sets. */
export async function answer(
  request: NextRequest,
  assessed: Assessment,
  trace: Trace,
  now: Date,
): Promise<NextResponse> {
  const { verdict, tokens, stytch, legacy, flag, flagIsNew, credentials, audience } = assessed
  const names = audience.project.cookies
  const cookies: Cookie[] = []
  if (tokens) cookies.push(...sessionCookies(tokens, names))
  else if (
    stytch.state === 'none' &&
    stytch.refusal &&
    unrecoverable.has(stytch.refusal) &&
    credentials.bearer === null
  ) {
    // Otherwise each request of this browser would call Stytch or be refused.
    cookies.push(...expiredSessionCookies(names))
    // The user ended this session. The dormant legacy session would sign them in again with the next request.
    if (legacy.state === 'none' && legacy.refusal === 'session_ended') {
      const legacyNames = [...credentials.cookies.keys()].filter(audience.isLegacyCookie)
      cookies.push(...legacyNames.map(expiredCookie))
    }
  }
  // While a session is migrated, its token may be refreshed, so the server action renews the others.
  if (
    trace.kind === 'page' &&
    verdict.reason === 'legacy_session' &&
    legacy.state === 'valid' &&
    isRenewalDue(legacy.session, now)
  )
    cookies.push(...(await audience.renewedLegacyCookies(request.url, request.headers)))
  // As soon as the middleware sets a cookie, Next keeps only the last one of each name, which may be planted.
  const isAmbiguous = duplicateSessionCookies(assessed).length > 0
  if (flagIsNew && !isAmbiguous && (trace.kind === 'page' || trace.kind === 'public'))
    cookies.push(await flagCookie(flag, audience.flagCookie))

  const response = respond(request, assessed, trace, cookies)
  // The sign-out leads to the legacy provider, which ends its own session.
  allowFormTarget(response, legacyConfig().issuer)
  const { appBaseUrl, sandbox } = config()
  // A form on the host of a team may lead to another team.
  if (audience.baseUrl(request.headers.get('host')) !== appBaseUrl) {
    allowFormTarget(response, appBaseUrl)
  }
  if (sandbox) {
    response.headers.set('x-auth-lane', verdict.lane)
    response.headers.set('x-auth-reason', assessed.refusal ?? verdict.reason)
  }
  return response
}

const duplicateSessionCookies = ({ credentials, audience }: Assessment): string[] =>
  [...credentials.duplicates.keys()].filter(
    (name) =>
      audience.isLegacyCookie(name) ||
      name === audience.project.cookies.token ||
      name === audience.project.cookies.jwt,
  )

/** The names of the cookies that the user has to delete. */
function conflictingCookies(assessed: Assessment): string[] {
  const names = duplicateSessionCookies(assessed)
  // A whole legacy session beside chunks of another one.
  return names.length > 0
    ? names
    : [...assessed.credentials.cookies.keys()].filter(assessed.audience.isLegacyCookie)
}

function respond(
  request: NextRequest,
  assessed: Assessment,
  trace: Trace,
  cookies: Cookie[],
): NextResponse {
  const { verdict } = assessed
  const noStore = { 'cache-control': 'private, no-store' }
  switch (verdict.action) {
    case 'login': {
      const { audience, requestedOrganization } = assessed
      const baseUrl = audience.baseUrl(request.headers.get('host'))
      const login = new URL(audience.loginPath(requestedOrganization), baseUrl)
      login.searchParams.set('returnTo', addressOf(request.nextUrl))
      const reason =
        assessed.refusal && unrecoverable.has(assessed.refusal) ? assessed.refusal : verdict.reason
      if (reason !== 'no_session') login.searchParams.set('reason', reason)
      if (reason === 'duplicate_cookie') {
        login.searchParams.set('cookie', conflictingCookies(assessed).join())
      }
      return withSetCookies(NextResponse.redirect(login, { headers: noStore }), cookies)
    }
    case 'refuse':
    case 'retry': {
      const { status, body, headers } = refusalOf(assessed)
      const init = { status, headers: { ...noStore, ...headers } }
      if (trace.kind === 'api') return withSetCookies(NextResponse.json(body, init), cookies)
      return rewriteTo('/unavailable', request, trace, init)
    }
    case 'skip':
      return new NextResponse(null, { status: 204, headers: noStore })
    default:
      return forward(request, trace, cookies)
  }
}
