/**
 * Everything that the product uses of the migration. Pages, actions and lib/viewer.ts import only this file, and
 * neither lib/cutover nor lib/legacy. The last step of the migration deletes those two folders, and replaces this
 * file by docs/after-the-migration/seam.ts.
 */
import 'server-only'

export { recordOutage } from './cutover/observability/observe-request'
export {
  loginFlow,
  type RequestReading,
  readRequest,
  secondLogin,
} from './cutover/session/read-request'
export { finishSignIn, recordSignInFailure, type TypedPassword } from './cutover/session/sign-in'
export { finishSignOut, type SignOut } from './cutover/session/sign-out'
export {
  migrationChecks,
  migrationConfigProblems,
  migrationStatus,
  startBackgroundWork,
} from './cutover/startup'
export { legacyName } from './legacy/config'
