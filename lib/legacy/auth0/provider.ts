import 'server-only'
import { auth0Config } from '../config'
import type { LegacyProvider } from '../provider'
import type { LegacySession } from '../session'
import { freshAccessToken } from './access-token'
import { auth0 } from './auth0'
import { mayProveAddress } from './enterprise-connection'
import { auth0Records } from './records'
import { renewInAction } from './renewal'
import { legacyCallback } from './routes'
import { findSecondFactor, hasSecondFactor, usedSecondFactor } from './second-factor'
import { isLegacyCookie } from './session'
import { legacyLogoutUrl, revokeLegacySession } from './sign-out'
import { fetchUserinfo } from './userinfo'

/**
 * A token for Stytch, of the session in the cookies of this request.
 * @param sdk of the login that the session belongs to
 */
export const tokenOfBrowser = async (
  session: LegacySession,
  isAmbiguous: boolean,
  sdk = auth0,
): Promise<string> =>
  // The SDK reads only one of several cookies with one name, and a sibling subdomain may have planted that one.
  isAmbiguous && session.tokenState === 'live' ? session.accessToken : freshAccessToken(sdk)

/** Auth0 in Node. */
export const auth0Provider: LegacyProvider = {
  exchangeOf: ({ tokenState }) => (tokenState === 'unusable' ? 'none' : 'access-token'),
  tokenOfBrowser: (session, isAmbiguous) => tokenOfBrowser(session, isAmbiguous),
  tokenOfBearer: async ({ accessToken }) => accessToken,
  userinfo: fetchUserinfo,
  // Auth0 ends its sessions without a word. The list of ended sessions and users has what this app did hear.
  findEnd: async () => null,
  renewInAction: () => renewInAction(),
  completeLogin: legacyCallback,
  endSession: () => revokeLegacySession(),
  isCookie: isLegacyCookie,
  logoutUrl: legacyLogoutUrl,
  mayProveAddress,
  usedSecondFactor,
  hasSecondFactor,
  findSecondFactor,
  records: auth0Records,
  check: (fetchKeys) => fetchKeys(`${auth0Config().issuer}.well-known/jwks.json`),
}
