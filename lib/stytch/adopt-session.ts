import 'server-only'
import { ProviderFailure } from '../provider-failure'
import { createRegistry, type Registry } from '../token/registry'
import { StytchRefusal } from './client'
import { consumerRevoker, endSession, type Revoker } from './end-session'
import { stytchIssuer, stytchIssuerName } from './issuer'
import type { OpenedSession } from './opened-session'
import { consumerProject, type StytchProject } from './project'
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

/** How the sessions of one of our two projects are adopted. */
export type Adoption<S extends OpenedSession> = {
  project: StytchProject
  registry(): Registry
  /** Asks Stytch about the session. */
  open(sessionToken: string): Promise<S>
  issuerOf(session: S): string
  revoker: Revoker
}

let registry: Registry | undefined

const consumerAdoption: Adoption<SignedIn> = {
  project: consumerProject,
  registry() {
    registry ??= createRegistry([stytchIssuer()])
    return registry
  },
  open: signedInByToken,
  issuerOf: stytchIssuerName,
  revoker: consumerRevoker,
}

/** The tokens of Stytch's answer to a sign-in in the browser. */
export type PostedTokens = { sessionToken: string; sessionJwt: string }

/** Adopts a session of the consumer project, see {@link adoptSessionOf}. */
export const adoptSession = (posted: PostedTokens, now: Date): Promise<SignedIn> =>
  adoptSessionOf(consumerAdoption, posted, now)

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
export async function adoptSessionOf<S extends OpenedSession>(
  { project, registry, open, issuerOf, revoker }: Adoption<S>,
  { sessionToken, sessionJwt }: PostedTokens,
  now: Date,
): Promise<S> {
  const cookies = new Map([
    [project.cookies.token, sessionToken],
    [project.cookies.jwt, sessionJwt],
  ])
  const reading = await readStytchSession(
    { bearer: null, cookies, duplicates: new Map() },
    registry(),
    now,
    project,
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
  const signedIn = await open(sessionToken)
  if (expected && expected.sessionId !== signedIn.sessionId) {
    throw new StytchRefusal('session_not_found', 404)
  }
  if (isNew(signedIn, now)) return signedIn
  const { sessionId, tokens } = signedIn
  const ended = { issuer: issuerOf(signedIn), sessionId, expiresAt: tokens.expiresAt }
  await endSession(ended, 'replaced', now, null, revoker)
  throw new SessionNotNew()
}

const isNew = ({ factors, startedAt }: OpenedSession, now: Date): boolean =>
  factors.count === 1 && now.getTime() - startedAt.getTime() < newSessionMilliseconds
