import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const page = readFileSync(join(import.meta.dirname, 'other-targets.md'), 'utf8')
const root = join(import.meta.dirname, '..')

const paths = new Set([...page.matchAll(/`((?:lib|app|sandbox)\/[^`]+)`/g)].map(([, path]) => path))

it('names files and folders of the code', () => {
  expect(paths.size).toBeGreaterThan(20)
})

it.each([...paths])('%s exists', (path = '') => {
  expect(existsSync(join(root, path))).toBe(true)
})

it('names every file outside lib/stytch that imports its server SDK', () => {
  const importers = globSync('{lib,app}/**/*.{ts,tsx}', { cwd: root })
    .filter((file) => !file.startsWith('lib/stytch/') && !/\.test\.tsx?$/.test(file))
    .filter((file) => /from 'stytch'/.test(readFileSync(join(root, file), 'utf8')))
  expect(importers).toEqual(['lib/cutover/migration/migrate-session.ts'])
  expect(page).toContain(`only \`${importers[0]}\``)
})
