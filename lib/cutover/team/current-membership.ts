import 'server-only'
import { hasTeams } from '../../team/config'
import { membershipOf } from '../../team/membership'
import { organizationBySlug } from '../../team/organization'
import { readTeamRequest } from './read-team-request'

/** The member's session of this browser, which is beside the session of a consumer. */
export type CurrentMembership = {
  lane: 'stytch' | 'legacy'
  slug: string | null
  flow: 'stytch' | 'legacy'
  flowReason: string
  /** Whether the legacy session of this member was carried over to Stytch. */
  isCarriedOver: boolean
}

/** @throws {DatabaseUnavailable} and driver errors */
export async function currentMembership(): Promise<CurrentMembership | null> {
  if (!hasTeams()) return null
  const { session, flow, account } = await readTeamRequest('public', null)
  if (!session) return null
  const { lane, organizationSlug: slug } = session
  const [owner, organization] = await Promise.all([
    account().catch(() => null),
    slug ? organizationBySlug(slug) : null,
  ])
  const membership = owner && organization && (await membershipOf(organization.id, owner.id))
  return {
    lane,
    slug,
    flow: flow.name,
    flowReason: flow.reason,
    isCarriedOver: membership ? membership.carriedOverAt !== null : false,
  }
}
