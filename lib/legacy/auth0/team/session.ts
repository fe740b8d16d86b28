import type { Credentials } from '../../../token/credentials'
import type { Refusal } from '../../../token/refusal'
import type { Registry } from '../../../token/registry'
import { legacyConfig } from '../../config'
import type { LegacySession } from '../../session'
import { isCookieOf, readSession } from '../session'
import { teamAuth0, teamTransactionPrefix } from './auth0'
import { type LegacyOrganization, organizationOfClaims } from './organization'

/** A live session at the legacy provider in one organization. */
export type TeamLegacySession = Omit<LegacySession, 'organization'> & {
  /** From the verified access token. From the sealed session where the token cannot be verified. */
  organization: LegacyOrganization
}

export type TeamLegacyReading =
  | { state: 'valid'; session: TeamLegacySession }
  | { state: 'none'; refusal: Refusal | null }

/** Whether this is the session cookie of a team, whole or a chunk of it. */
export function isTeamSessionCookie(name: string): boolean {
  const { team } = legacyConfig()
  return team !== null && isCookieOf(team.cookieName, name)
}

/** Whether the SDK sets this cookie for teams. */
export const isTeamLegacyCookie = (name: string): boolean =>
  isTeamSessionCookie(name) || name.startsWith(teamTransactionPrefix)

/**
 * Reads and verifies the legacy session of a team, from its sealed cookie or from a Bearer token. A session without an
 * organization is refused, so the session of a person never counts as that of a team.
 * @returns never throws for anything that a client can send
 */
export async function readTeamLegacySession(
  credentials: Credentials,
  registry: Registry,
  now: Date,
): Promise<TeamLegacyReading> {
  const { team } = legacyConfig()
  if (!team) return { state: 'none', refusal: null }
  const { cookieName, clientIds } = team
  const login = { cookieName, clientIds, sdk: teamAuth0 }
  const reading = await readSession(login, credentials, registry, now)
  if (reading.state !== 'valid') return reading
  const organization = organizationOfClaims(reading.claims)
  if (!organization) return { state: 'none', refusal: 'organization_missing' }
  return { state: 'valid', session: { ...reading.session, organization } }
}
