/** The product has no teams, so no session of a member can be migrated. */
import 'server-only'
import type { CarryOverResult } from './migration/carry-over-in-browser'
import type { RefusalReason } from './migration/outcome'

export const hasTeams = (): boolean => false

export const assessMemberMigration = async (_: string): Promise<{ refusal: RefusalReason }> => ({
  refusal: 'organization_unknown',
})

export const carryOverMember = async (_: string): Promise<CarryOverResult> => ({
  result: 'refused',
  reason: 'organization_unknown',
})
