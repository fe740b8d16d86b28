import { describe, expect, it } from 'vitest'
import { problemsOf } from '../../environment-testing'
import { beforeTheMigration } from './document'
import { parseFallback } from './source'

describe('POLICY_FALLBACK', () => {
  it('keeps everybody on legacy when it is not set', () => {
    expect(parseFallback('')).toEqual(beforeTheMigration)
  })

  it('is a policy as JSON', () => {
    expect(parseFallback('{"cohort":"everybody","carrySessions":true}')).toEqual({
      cohort: 'everybody',
      carrySessions: true,
      note: '',
    })
  })

  it.each([
    ['text that is not JSON', 'everybody', 'not JSON'],
    [
      'a field that is wrong, by its path',
      '{"cohort":{"percent":101},"carrySessions":true}',
      'cohort.percent',
    ],
  ])('is refused for %s', (_, text, problem) => {
    const problems = problemsOf(() => parseFallback(text))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(problem)
  })
})
