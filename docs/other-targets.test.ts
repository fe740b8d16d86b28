import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
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

it('names every room that imports the server SDK of Stytch', () => {
  const importers = globSync('{lib,app}/**/*.{ts,tsx}', { cwd: root })
    .filter((file) => !/\.test\.tsx?$/.test(file))
    .filter((file) => /from 'stytch'/.test(readFileSync(join(root, file), 'utf8')))
  const rooms = new Set(importers.map((file) => dirname(file)))
  expect([...rooms].sort()).toEqual(['lib/stytch', 'lib/team/stytch'])
  for (const room of rooms) expect(page).toContain(`\`${room}\``)
})
