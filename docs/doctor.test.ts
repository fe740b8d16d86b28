import { globSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

/** Compares docs/doctor.md with the code. */

const page = readFileSync(`${import.meta.dirname}/doctor.md`, 'utf8')

it('docs/doctor.md lists the code of every check, and no other', () => {
  const files = globSync('lib/cutover/doctor/*.ts').filter((file) => !/testing|\.test\./.test(file))
  const text = files.map((file) => readFileSync(file, 'utf8')).join('\n')
  const codes = [...text.matchAll(/\bcode: '(\w+)'/g)].map(([, code]) => code)
  const [, table = ''] = page.split('## Checks')
  const listed = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, code]) => code)
  expect(codes.length).toBeGreaterThan(25)
  expect(new Set(listed)).toEqual(new Set(codes))
})
