import 'server-only'
import { ProviderFailure } from '../provider-failure'
import { createRegistry, type Registry } from '../token/registry'
import { StytchRefusal } from './client'
import { sessionJwtCookie, sessionTokenCookie } from './cookies'
import { endSession } from './end-session'
import { stytchIssuer, stytchIssuerName } from './issuer'
import { mayAskStytch } from './refresh-budget'
import { readStytchSession } from './session'
import { type SignedIn, signedInByToken } from './sign-in'

/** The sign-in added a factor to an older session, whose token an attacker may hold. */
export class SessionNotNew extends Error {
  readonly code = 'session_not_new'
  constructor() {
    super('The session did not begin with this sign-in.')
    this.name = 'SessionNotNew'
  }
}

/** How long ago a session may have begun. In milliseconds. */
const newSessionMilliseconds = 5 * 60_000

let registry: Registry | undefined

/**
 * Adopts a session that Stytch's front-end SDK has just opened in the browser.
 *
 * A site on a sibling subdomain can plant cookies. So the tokens are those of Stytch's answer to the sign-in, which only
 * a script of this page has seen. No cookie is read. If the attacker plants a session, the SDK adds the sign-in to it,
 * and the attacker holds its token too. So the session must have begun with this sign-in: one factor, a moment ago.
 *
 * @throws {SessionNotNew} after the session was ended
 * @throws {StytchRefusal | ProviderFailure}
 */
export async function adoptSession(
  { sessionToken, sessionJwt }: { sessionToken: string; sessionJwt: string },
  now: Date,
): Promise<SignedIn> {
  registry ??= createRegistry([stytchIssuer()])
  const cookies = new Map([
    [sessionTokenCookie, sessionToken],
    [sessionJwtCookie, sessionJwt],
  ])
  const reading = await readStytchSession(
    { bearer: null, cookies, duplicates: new Map() },
    registry,
    now,
  )
  if (reading.state === 'unavailable') {
    throw new ProviderFailure('stytch', 'unavailable', 'its keys could not be fetched')
  }
  // Made-up tokens cause no call to Stytch.
  if (reading.state === 'none') throw new StytchRefusal('session_not_found', 404)
  const expected = reading.state === 'valid' ? reading.session : reading.expected
  if (!mayAskStytch({ sessionToken, expected })) {
    throw new ProviderFailure('stytch', 'rate_limited', 'too many tokens without a valid JWT')
  }
  const signedIn = await signedInByToken(sessionToken)
  if (expected && expected.sessionId !== signedIn.sessionId) {
    throw new StytchRefusal('session_not_found', 404)
  }
  if (isNew(signedIn, now)) return signedIn
  const { sessionId, tokens } = signedIn
  const ended = { issuer: stytchIssuerName(), sessionId, expiresAt: tokens.expiresAt }
  await endSession(ended, 'replaced', now, null)
  throw new SessionNotNew()
}

const isNew = ({ factors, startedAt }: SignedIn, now: Date): boolean =>
  factors.count === 1 && now.getTime() - startedAt.getTime() < newSessionMilliseconds
