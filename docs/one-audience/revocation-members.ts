/** The product has no teams, so no session is that of a member. */
import 'server-only'

export { consumerRevoker as memberRevoker } from '../../stytch/end-session'

export const isMember = (_: string): boolean => false

export const revokeSessionsOfMember = async (_: string): Promise<void> => undefined
