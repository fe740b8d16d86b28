/**
 * Everything that the migration's own routes and actions use of the teams. A starter without teams replaces this file:
 * docs/one-audience.md.
 */
import 'server-only'

export { hasTeams } from '../team/config'
export { assessMemberMigration } from './team/bearer-migration'
export { carryOverMember } from './team/carry-over-member'
export { type CurrentMembership, currentMembership } from './team/current-membership'
