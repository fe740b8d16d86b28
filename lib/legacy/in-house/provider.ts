import 'server-only'
import type { LegacyProvider } from '../provider'
import { issueExchangeToken, redeemExchangeToken } from './exchange-token'
import { inHouseRecords } from './records'
import { isSessionCookie } from './session'
import { endSession, findEnd } from './sessions'

/** The in-house login in Node. */
export const inHouseProvider: LegacyProvider = {
  exchangeOf: () => 'one-time-token',
  tokenOfBrowser: (session) => issueExchangeToken(session),
  tokenOfBearer: (session) => issueExchangeToken(session),
  // Without a call to our own route: the answer is the same.
  userinfo: (token) => redeemExchangeToken(token),
  findEnd,
  renewInAction: async () => undefined,
  completeLogin: null,
  endSession,
  isCookie: isSessionCookie,
  logoutUrl: () => null,
  mayProveAddress: () => true,
  // It has no second factor. A product that has one answers from its own tables.
  usedSecondFactor: () => false,
  hasSecondFactor: async () => false,
  findSecondFactor: async () => null,
  records: () => inHouseRecords,
  check: null,
}
