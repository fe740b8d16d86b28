import type { Profile } from '../../account/account'
import type { SessionFacts } from '../../account/proof'
import { legacyProvider } from '../../legacy/configured-provider'
import type { LegacySession } from '../../legacy/session'
import { sessionKeys } from './claim'

/** The facts about a legacy session that decide whether it opens a proved identity. */
export async function legacySessionFacts(session: LegacySession): Promise<SessionFacts> {
  const { sessionKey: key } = await sessionKeys(session)
  return { key, startedAt: session.startedAt }
}

/**
 * The profile of a legacy user, as one session brings it. The address was verified when the session began, so the
 * proof counts from there, and an older session is refused.
 */
export async function legacyProfile(
  session: LegacySession,
  user: { email: string; emailVerified: boolean; name: string; isCurrent: boolean },
): Promise<Profile> {
  const { email, name, isCurrent } = user
  const emailVerified =
    user.emailVerified && legacyProvider().mayProveAddress(session.subject, email)
  const facts = await legacySessionFacts(session)
  return {
    email,
    name,
    isCurrent,
    issuer: session.issuer.canonicalName,
    subject: session.subject,
    session: facts,
    proof: emailVerified ? { by: facts.key, at: facts.startedAt } : null,
  }
}
