/** The product has no teams, so no session is that of a member. */
import 'server-only'
import type { LegacyMember } from './jobs'

export { consumerRevoker as memberRevoker } from '../../stytch/end-session'

export const hasTeams = (): boolean => false

export const isMember = (_: string): boolean => false

export const checkLegacyMembership = async (_: LegacyMember, __: Date): Promise<void> => undefined

export const revokeSessionsOfMember = async (_: string): Promise<void> => undefined
