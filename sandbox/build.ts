import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { next, root, startNode } from './processes.ts'
import { appEnvironment } from './settings.ts'

/**
 * Builds the app for the demo and the browser tests, when its sources have changed. Both use one build,
 * because the app reads its environment when it runs.
 */

/** The hash of the built sources. `next build` empties the folder, so a build by hand has no such file. */
const mark = join(root, '.next/cutover-build-hash')

/** The entries of the project folder that do not change the build. */
const outside =
  /^(\..*|node_modules|docs|e2e|test-results|playwright-report|next-env\.d\.ts|.*\.(md|tsbuildinfo|log|(test|spec)\.tsx?))$/

export function sourceHash(): string {
  const hash = createHash('sha256')
  const visit = (folder: string) => {
    const entries = readdirSync(join(root, folder), { withFileTypes: true })
    entries.sort((a, b) => (a.name < b.name ? -1 : 1))
    for (const entry of entries) {
      if (outside.test(entry.name)) continue
      const path = join(folder, entry.name)
      if (entry.isDirectory()) visit(path)
      else if (entry.isFile()) hash.update(`${path}\0`).update(readFileSync(join(root, path)))
    }
  }
  visit('')
  return hash.digest('hex')
}

export function isBuilt(): boolean {
  if (!existsSync(mark) || !existsSync(join(root, '.next/BUILD_ID'))) return false
  return readFileSync(mark, 'utf8') === sourceHash()
}

/** @returns the output of a failed build, or null when `.next` holds a build of the current sources */
export async function build(): Promise<string | null> {
  if (isBuilt()) return null
  // Read before the build, so that the next run builds again after an edit during this one.
  const hash = sourceHash()
  const child = startNode('build', [next, 'build'], {
    env: { ...process.env, ...appEnvironment, NODE_ENV: 'production' },
  })
  if ((await child.ended) !== 0) return child.output() || 'next build failed and printed nothing.'
  writeFileSync(mark, hash)
  return null
}

if (import.meta.main) {
  const failure = await build()
  if (failure !== null) {
    console.error(failure)
    process.exitCode = 1
  }
}
