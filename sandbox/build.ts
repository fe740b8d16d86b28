import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { next, root, startNode } from './processes.ts'
import { appEnvironment } from './settings.ts'

/**
 * The production build of the demo and of the browser tests, made only when the sources
 * have changed. One build serves both, since the app reads its environment when it runs.
 */

/** `next build` empties the folder, so that a build made by hand does not carry the mark. */
const mark = join(root, '.next/cutover-build-hash')

/** What is in the folder but not in the build. */
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

/** Null when `.next` holds a build of the current sources, else what the build printed. */
export async function build(): Promise<string | null> {
  if (isBuilt()) return null
  // Taken before: what is edited meanwhile makes the next run build again.
  const hash = sourceHash()
  const child = startNode('build', [next, 'build'], {
    env: { ...process.env, ...appEnvironment, NODE_ENV: 'production' },
  })
  if ((await child.ended) !== 0) return child.output() || 'next build failed without a word.'
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
