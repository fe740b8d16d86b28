import QuickLRU from 'quick-lru'
import { perProcess } from '../per-process'
import { createTokenBucket } from './token-bucket'

/**
 * Session tokens by their session, for the sessions that were refreshed last. A session keeps its token, so another
 * token beside a JWT of the same session is made up, or a guess.
 */
const { value: tokensOfSessions } = perProcess(
  'tokens-of-sessions',
  () => new QuickLRU<string, string>({ maxSize: 5_000, maxAge: 60_000 }),
)
/** The calls for tokens that came without proof. They are far below Stytch's limit of 65 requests a second. */
const { value: unprovenCalls } = perProcess('unproven-refreshes', () =>
  createTokenBucket({ capacity: 10, perSecond: 5 }),
)

/**
 * Whether this instance may ask Stytch about a token. An attacker can make up tokens, and each call counts against the
 * rate limit of everybody. So a token needs a JWT of ours beside it, which may have expired. The others share a small
 * budget, for browsers that lost the cookie of the JWT.
 */
export function mayAskStytch({
  sessionToken,
  expected,
}: {
  sessionToken: string
  /** From a verified JWT beside the token. */
  expected: { sessionId: string } | null
}): boolean {
  if (!expected) return unprovenCalls.take()
  const known = tokensOfSessions.get(expected.sessionId)
  if (known !== undefined && known !== sessionToken) return unprovenCalls.take()
  tokensOfSessions.set(expected.sessionId, sessionToken)
  return true
}
