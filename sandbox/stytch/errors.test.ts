import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { errorTypes } from './errors.ts'

/** The union `StytchAPIErrorType` of the browser SDK, which lists Stytch's published error types. */
function publishedErrorTypes(): string[] {
  const folder = 'node_modules/@stytch/nextjs/dist/types'
  const declarations = readdirSync(folder)
    .filter((name) => name.endsWith('.d.ts'))
    .map((name) => readFileSync(`${folder}/${name}`, 'utf8'))
  const union = declarations.join('\n').match(/type StytchAPIErrorType = ([^;]+);/)?.[1] ?? ''
  return [...union.matchAll(/'(\w+)'/g)].map(([, type]) => type ?? '')
}

it('the stand-in answers only error types that Stytch publishes, and one of its own', () => {
  const published = publishedErrorTypes()
  expect(published).toContain('session_not_found')
  const unpublished = errorTypes.filter((type) => !published.includes(type))
  expect(unpublished).toEqual(['stand_in_not_implemented'])
})
