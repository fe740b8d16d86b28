import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { root } from './processes.ts'

/**
 * Reads `.env-test`. Null when the file has no keys of a Stytch project, so that the demo uses the stand-ins.
 * A variable of the environment overrides the file, as in next.config.ts.
 */
export function readOwnKeys(folder = root): Record<string, string | undefined> | null {
  const file = join(folder, '.env-test')
  if (!existsSync(file)) return null
  const values = { ...parseEnv(readFileSync(file, 'utf8')), ...process.env }
  return values.STYTCH_PROJECT_ID && values.STYTCH_SECRET ? values : null
}
