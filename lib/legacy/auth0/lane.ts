import type { LegacyLane } from '../provider'
import { legacyIssuer } from './issuer'
import { renewedCookies } from './renewal'
import { legacyRoute } from './routes'
import { isSessionCookie, readLegacySession } from './session'

/** Auth0 on the edge. */
export const auth0Lane: LegacyLane = {
  issuer: legacyIssuer,
  readSession: readLegacySession,
  isSessionCookie,
  renewedCookies: (url, headers) => renewedCookies(url, headers),
  answerLogin: legacyRoute,
}
