import 'server-only'
import { type Account, findAccount, openAccount } from '../../account/account'
import type { LegacySession } from '../../legacy/session'
import { fetchUserinfo } from '../../legacy/userinfo'

/** The account of a legacy session; null when the legacy provider will not say whose token it is. */
export async function legacyAccount(session: LegacySession): Promise<Account | null> {
  const identity = { issuer: session.issuer.canonicalName, subject: session.subject }
  if (session.profile) return openAccount({ ...session.profile, ...identity })
  const known = await findAccount(identity)
  if (known) return known
  // An access token alone does not say whose it is.
  const person = await fetchUserinfo(session.accessToken)
  return person && openAccount({ ...person, ...identity, isCurrent: true })
}
