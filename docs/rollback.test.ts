import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

/** Checks that every test that rollback.md names exists. */
const page = readFileSync(join(import.meta.dirname, 'rollback.md'), 'utf8')

const named = [
  ...page.matchAll(/\[[\w.-]+\]\((\.\.\/[\w./-]+\.(?:spec|test)\.ts)\):((?:,? "[^"]+")+)/g),
].flatMap(([, file = '', names = '']) =>
  [...names.matchAll(/"([^"]+)"/g)].map(([, name = '']) => ({ file, name })),
)

it('finds the names of tests in rollback.md', () => {
  expect(named.length).toBeGreaterThan(10)
})

it.each(named)('names an existing test: $file, $name', ({ file, name }) => {
  const source = readFileSync(join(import.meta.dirname, file), 'utf8')
  for (const part of name.split('…')) expect(source).toContain(part.trim())
})
