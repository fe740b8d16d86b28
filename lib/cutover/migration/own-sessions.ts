import 'server-only'
import type { OpenedSession } from '../../stytch/opened-session'
import type { ListedSession } from '../../stytch/users'
import { type Claim, isClaimHeld } from './claim'
import { consumerSessions, type ProjectSessions } from './project-sessions'

/**
 * The custom claim of each Stytch session that a migration opens. Its value is the key of the claim, a hash.
 * Browsers can read custom claims, but only a backend with the project's secret can write them.
 */
const markName = 'cutover_claim'

/** The custom claims of the session that this claim opens. */
export const sessionMark = ({ sessionKey }: Pick<Claim, 'sessionKey'>): Record<string, string> => ({
  [markName]: sessionKey,
})

const markOf = ({ customClaims }: ListedSession): unknown => customClaims[markName]

const othersOf = async (opened: OpenedSession, sessions: ProjectSessions) =>
  (await sessions.list(opened)).filter(({ id }) => id !== opened.sessionId)

/**
 * Revokes the sessions that earlier attempts of this claim opened and did not settle. An app that is killed between
 * the call to Stytch and the end of the claim leaves such a session. No client has its token.
 * @throws {StytchRefusal | ProviderFailure} and driver errors
 */
export async function revokeOrphans(
  claim: Claim,
  opened: OpenedSession,
  sessions = consumerSessions,
): Promise<void> {
  // The first attempt has no predecessor.
  if (claim.attempts === 1) return
  const others = await othersOf(opened, sessions)
  const orphans = others.filter((session) => markOf(session) === claim.sessionKey)
  // Another request may have taken the claim over. A session in this list is not of that request if we still hold the
  // claim after the list was made.
  if (orphans.length === 0 || !(await isClaimHeld(claim))) return
  for (const { id } of orphans) await sessions.byId(id)
}

/**
 * Whether the user has a session that no migration opened. A session of another device that was carried over is not
 * somebody else's.
 * @throws {StytchRefusal | ProviderFailure}
 */
export async function hasForeignSessions(
  opened: OpenedSession,
  sessions = consumerSessions,
): Promise<boolean> {
  const others = await othersOf(opened, sessions)
  return others.some((session) => typeof markOf(session) !== 'string')
}
