import { z } from 'zod'
import { type Environment, parseEnvironment } from '../../environment'
import type { WorkspaceKey } from './stytch-management'

/** Only the doctor reads these two variables. The key can change every project, so the app must not have it. */
const schema = z.object({
  STYTCH_WORKSPACE_KEY_ID: z.string().default(''),
  STYTCH_WORKSPACE_KEY_SECRET: z.string().default(''),
})

/** @throws {ConfigError} */
export function parseWorkspaceKey(source: Environment): WorkspaceKey | null {
  const env = parseEnvironment(schema, source, (read) =>
    !read.STYTCH_WORKSPACE_KEY_ID === !read.STYTCH_WORKSPACE_KEY_SECRET
      ? []
      : [
          'STYTCH_WORKSPACE_KEY_ID and STYTCH_WORKSPACE_KEY_SECRET belong together: set both or neither',
        ],
  )
  if (!env.STYTCH_WORKSPACE_KEY_ID) return null
  return { id: env.STYTCH_WORKSPACE_KEY_ID, secret: env.STYTCH_WORKSPACE_KEY_SECRET }
}
