/**
 * Everything that the pages of the teams use of the migration. The last step of the migration replaces this file by
 * docs/after-the-migration/team-seam.ts.
 */
import 'server-only'

export { findTeam } from '../cutover/team/find-organization'
export { readTeamRequest, type TeamReading } from '../cutover/team/read-team-request'
export { finishMemberSignIn } from '../cutover/team/sign-in'
export { finishMemberSignOut } from '../cutover/team/sign-out'
