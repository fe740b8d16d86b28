import 'server-only'
import { type Account, findAccount, openAccount } from '../../account/account'
import type { LegacySession } from '../../legacy/session'
import { fetchUserinfo } from '../../legacy/userinfo'

/** Opens the account of a legacy session. Null when the legacy provider refuses its access token. */
export async function legacyAccount(session: LegacySession): Promise<Account | null> {
  const identity = { issuer: session.issuer.canonicalName, subject: session.subject }
  if (session.profile) return openAccount({ ...session.profile, ...identity })
  const known = await findAccount(identity)
  if (known) return known
  // An access token carries no profile, so the account of a new user needs a call to userinfo.
  const user = await fetchUserinfo(session.accessToken)
  return user && openAccount({ ...user, ...identity, isCurrent: true })
}
