import 'server-only'
import { findIdentity, type Identity, type KnownIdentity } from '../../account/account'
import { type Revocation, revocationOf } from '../../revocation/revocation-list'

type Facts = {
  /** Null while the database is unavailable, too: see {@link revocationOf}. */
  revocation: Promise<Revocation | null>
  /** @throws {DatabaseUnavailable} unless the identity is cached */
  identity: Promise<KnownIdentity | null>
}

/**
 * Asks the database whether a Stytch session was ended, and whose it is. Every page waits for both answers, so both
 * queries run at once.
 */
export function stytchFacts(session: Identity & { sessionId: string; startedAt: Date }): Facts {
  const identity = findIdentity(session)
  // Nobody awaits it when the session was ended.
  identity.catch(() => undefined)
  return { revocation: revocationOf(session), identity }
}
