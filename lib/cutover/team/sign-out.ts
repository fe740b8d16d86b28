import 'server-only'
import { cookies, headers } from 'next/headers'
import { revokeLegacySession, teamLegacyLogoutUrl } from '../../legacy/auth0/sign-out'
import { teamAuth0 } from '../../legacy/auth0/team/auth0'
import { expireTeamLegacyCookies } from '../../legacy/auth0/team/cookies'
import { requestTime } from '../../request/clock'
import { currentHeaders } from '../../request/current-headers'
import { linkBaseUrl } from '../../team/hosts'
import { sessionKeys } from '../migration/claim'
import {
  type EndedLegacy,
  endLegacySessionOf,
  type Jar,
  type LegacyLogin,
} from '../session/end-legacy-session'
import { recordSignOut, type SignOut } from '../session/sign-out'
import { members } from './audience'
import { endCurrentMemberSession } from './end-session'
import type { TeamReading } from './read-team-request'

const teamLogin: LegacyLogin = {
  audience: members,
  keysOf: (session) => sessionKeys(session, session.organizationId),
  revoke: () => revokeLegacySession(teamAuth0),
  expireCookies: expireTeamLegacyCookies,
}

/** Ends the legacy session of the team in this browser, and deletes its cookies. */
export const endTeamLegacySession = (
  received: Headers,
  jar: Jar,
  now: Date,
): Promise<EndedLegacy> => endLegacySessionOf(teamLogin, received, jar, now)

/**
 * Ends the sessions of the member in this browser on both lanes. The sessions of a consumer stay. Each session is
 * recorded as ended before its provider is asked. Never throws.
 */
export async function finishMemberSignOut(reading: TeamReading): Promise<SignOut> {
  const [jar, received] = await Promise.all([cookies(), headers()])
  const now = requestTime(received)
  const [isStytchEnded, { hadLegacy, isLegacyEnded }] = await Promise.all([
    endCurrentMemberSession(currentHeaders(received, jar), now),
    endTeamLegacySession(received, jar, now),
  ])
  await recordSignOut(reading, now, 'member')
  return {
    logoutUrl: hadLegacy ? teamLegacyLogoutUrl(linkBaseUrl(received.get('host'))) : null,
    isComplete: isStytchEnded && isLegacyEnded,
  }
}
