import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { limits } from './limits'
import { waitText } from './rate-limited'

it('the limits equal the table of docs/limits.md, in the same order', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/limits.md'), 'utf8')
  const rows = [...page.matchAll(/^\| [^|]+ \| (\d+) \| (\d+ minutes?) \|$/gm)]
  expect(rows.map(([, points, time]) => `${points} in ${time}`)).toEqual(
    Object.values(limits).map(({ points, seconds }) => `${points} in ${waitText(seconds)}`),
  )
})

it('each limit has a name of its own, because the name begins the key', () => {
  const names = Object.values(limits).map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
})
