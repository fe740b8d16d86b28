import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

/** rollback.md names the test that shows each step: a name that no test has any more would be an empty promise. */
const page = readFileSync(join(import.meta.dirname, 'rollback.md'), 'utf8')

const named = [
  ...page.matchAll(/\[[\w.-]+\]\((\.\.\/[\w./-]+\.(?:spec|test)\.ts)\):((?:,? "[^"]+")+)/g),
].flatMap(([, file = '', names = '']) =>
  [...names.matchAll(/"([^"]+)"/g)].map(([, name = '']) => ({ file, name })),
)

it('names tests at all', () => {
  expect(named.length).toBeGreaterThan(10)
})

it.each(named)('names a test that is there: $file, $name', ({ file, name }) => {
  const source = readFileSync(join(import.meta.dirname, file), 'utf8')
  for (const part of name.split('…')) expect(source).toContain(part.trim())
})
