import type { LegacyLane } from '../provider'
import { isSessionCookie, readInHouseSession } from './session'
import { inHouseConfig, sessionKey, sessionTokenAlgorithm, sessionTokenType } from './session-token'

/** The in-house login on the edge. */
export const inHouseLane: LegacyLane = {
  issuer() {
    const { issuer } = inHouseConfig()
    return {
      lane: 'legacy',
      names: [issuer],
      canonicalName: issuer,
      audience: issuer,
      algorithms: [sessionTokenAlgorithm],
      types: [sessionTokenType],
      keys: sessionKey,
    }
  },
  readSession: readInHouseSession,
  isSessionCookie,
  // The cookie ends with the session.
  renewedCookies: async () => [],
  // app/(cutover)/auth/login is the page.
  answerLogin: async () => null,
}
