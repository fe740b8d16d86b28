import 'server-only'
import { errorText } from '../../error-text'
import { tokenOfBrowser } from '../../legacy/auth0/provider'
import { renewInAction } from '../../legacy/auth0/renewal'
import { teamAuth0 } from '../../legacy/auth0/team/auth0'
import { expireTeamLegacyCookies } from '../../legacy/auth0/team/cookies'
import { hasTeams } from '../../team/config'
import { isSlug } from '../../team/slug'
import { type CarryOverResult, carryOverInBrowser } from '../migration/carry-over-in-browser'
import { assessCurrentRequest } from '../routing/current-request'
import { members } from './audience'
import { findTeam } from './find-organization'
import { memberTarget } from './member-target'

/**
 * Migrates the member's legacy session of this request, for a page of the organization with this slug. Decides the
 * verdict again, since anybody can post to a server action. A session of another organization is not migrated here.
 */
export async function carryOverMember(slug: string): Promise<CarryOverResult> {
  if (!hasTeams() || !isSlug(slug)) return { result: 'refused', reason: 'organization_unknown' }
  const [assessed, team] = await Promise.all([
    assessCurrentRequest('page', { audience: members, organization: slug }),
    findTeam(slug).catch((error: unknown) => {
      console.error(`migration: the organization could not be read: ${errorText(error)}`)
      return 'unavailable' as const
    }),
  ])
  if (team === 'unavailable') {
    return { result: 'unavailable', reason: 'organization_unavailable', retryAfterSeconds: 30 }
  }
  if (!team) return { result: 'refused', reason: 'organization_unknown' }
  const { verdict, stytch, legacy } = assessed
  if (verdict.lane === 'stytch') {
    const isMember = stytch.state !== 'valid' || stytch.session.organization?.id === team.stytchId
    return isMember
      ? { result: 'migrated', reason: 'stytch_session' }
      : { result: 'refused', reason: 'organization_mismatch' }
  }
  if (!verdict.migrate || legacy.state !== 'valid') {
    return { result: 'refused', reason: verdict.reason }
  }
  const { organizationId } = legacy.session
  if (organizationId === null) return { result: 'refused', reason: 'organization_missing' }
  if (organizationId !== team.legacyId) {
    // A team that no legacy organization is linked to has no legacy sessions.
    return { result: 'refused', reason: 'organization_mismatch' }
  }
  return carryOverInBrowser(assessed, legacy.session, {
    target: memberTarget(organizationId),
    login: {
      tokenOfBrowser: (session, isAmbiguous) => tokenOfBrowser(session, isAmbiguous, teamAuth0),
      renewInAction: () => renewInAction(teamAuth0),
    },
    expireLegacyCookies: expireTeamLegacyCookies,
  })
}
