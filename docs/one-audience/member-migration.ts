/** The product has no teams, so no session of a member can be migrated. */
import 'server-only'
import type { CarryOverResult } from './migration/carry-over-in-browser'
import type { RefusalReason } from './migration/outcome'

export const hasTeams = (): boolean => false

export const assessMemberMigration = async (_: string): Promise<{ refusal: RefusalReason }> => ({
  refusal: 'organization_unknown',
})

/** The member's session of a browser. There is none. */
export type CurrentMembership = {
  lane: 'stytch' | 'legacy'
  slug: string | null
  flow: 'stytch' | 'legacy'
  flowReason: string
  isCarriedOver: boolean
}

export const currentMembership = async (): Promise<CurrentMembership | null> => null

export const carryOverMember = async (_: string): Promise<CarryOverResult> => ({
  result: 'refused',
  reason: 'organization_unknown',
})
