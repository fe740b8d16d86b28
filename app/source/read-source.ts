import 'server-only'
import { readFile, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { sources } from './sources'

const named: ReadonlySet<string> = new Set(Object.values(sources).flat())

/**
 * The text of a file that some screen names; null for everything else. Paths are compared and never put
 * together, so there is nothing to climb out of, and a link does not lead out of the clone either.
 */
export async function readSource(path: string, root = process.cwd()): Promise<string | null> {
  if (!named.has(path)) return null
  try {
    // Not known to the build on purpose: it would pack the whole clone into the server.
    const home = await realpath(/* turbopackIgnore: true */ root)
    const file = join(home, path)
    if ((await realpath(/* turbopackIgnore: true */ file)) !== file) return null
    return await readFile(/* turbopackIgnore: true */ file, 'utf8')
  } catch {
    return null
  }
}
