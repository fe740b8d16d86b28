import 'server-only'
import { readFile, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { sources } from './sources'

const listedFiles: ReadonlySet<string> = new Set(Object.values(sources).flat())

/**
 * Reads a file that `sources` lists, and returns null for every other path. A path must equal an entry of the
 * list, so path traversal is impossible. The `realpath` check refuses symbolic links.
 */
export async function readSource(path: string, root = process.cwd()): Promise<string | null> {
  if (!listedFiles.has(path)) return null
  try {
    // `turbopackIgnore` hides the path from the build, which would otherwise bundle the whole repository.
    const realRoot = await realpath(/* turbopackIgnore: true */ root)
    const file = join(realRoot, path)
    if ((await realpath(/* turbopackIgnore: true */ file)) !== file) return null
    return await readFile(/* turbopackIgnore: true */ file, 'utf8')
  } catch {
    return null
  }
}
