import { describe, expect, test } from 'vitest'
import { beforeTheMigration, type Policy, presets } from '@/lib/cutover/policy/document'
import { type Draft, type DraftField, draftFields, draftOf, parseDraft, readDraft } from './draft'

const rolling: Policy = {
  cohort: {
    percent: 12.5,
    organizations: ['acme', 'globex'],
    countries: ['NZ', 'AU'],
    ipRanges: ['203.0.113.0/24', '2001:db8::/32'],
    minAppVersion: '4.2.0',
  },
  carrySessions: false,
  note: 'First the friendly ones',
}

/** A draft that is right but for what is changed. */
const draft = (over: Partial<Draft>): Draft => ({ ...draftOf(rolling), ...over })
const parse = (over: Partial<Draft>) => parseDraft(draft(over))

test.each([rolling, beforeTheMigration, presets['zero-downtime'], presets['all-at-once']])(
  'a policy survives being shown as a draft: %j',
  (policy) => expect(parseDraft(draftOf(policy))).toEqual({ policy }),
)

test('what does not apply is not looked at', () => {
  const wrong = { percent: 'x', ipRanges: 'y', minAppVersion: 'z' }
  expect(parse({ ...wrong, cohort: 'everybody', carrySessions: 'yes', note: '' })).toEqual({
    policy: presets['zero-downtime'],
  })
  expect(parse({ ...wrong, cohort: 'nobody', carrySessions: '', note: '' })).toEqual({
    policy: beforeTheMigration,
  })
})

test.each([
  ['organizations', ' acme ,globex\n\n acme; hooli,', ['acme', 'globex', 'hooli']],
  ['countries', 'nz, NZ\nau', ['NZ', 'AU']],
  ['ipRanges', '10.0.0.0/8\n::1/128', ['10.0.0.0/8', '::1/128']],
] as const)('%s are one a line or comma separated, and twice is once', (field, text, expected) => {
  expect(parse({ [field]: text })).toMatchObject({ policy: { cohort: { [field]: expected } } })
})

describe('names every wrong field', () => {
  test.each<[DraftField, string, RegExp]>([
    ['cohort', 'somebody', /nobody, everybody or rules/],
    ['cohort', '', /nobody, everybody or rules/],
    ['percent', '', /from 0 to 100/],
    ['percent', '101', /from 0 to 100/],
    ['percent', '-1', /from 0 to 100/],
    ['percent', '0x10', /from 0 to 100/],
    ['percent', '1e1', /from 0 to 100/],
    ['organizations', 'a'.repeat(129), /128 characters at most; “a{40}…” has more/],
    ['countries', 'NZ, New Zealand', /such as NZ; “NEW ZEALAND” is not/],
    ['ipRanges', '10.0.0.0/8\n10.0.0.0/99', /such as 203.0.113.0\/24; “10.0.0.0\/99” is not/],
    ['ipRanges', '10.0.0.1', /“10.0.0.1” is not/],
    ['minAppVersion', '4.2', /three numbers/],
    ['carrySessions', '', /yes or no/],
    ['carrySessions', 'constructor', /yes or no/],
    ['note', 'x'.repeat(501), /500 characters/],
    ['organizations', Array.from({ length: 1_001 }, (_, i) => `o${i}`).join(), /1,000 at most/],
  ])('%s: %s', (field, value, message) => {
    expect(parse({ [field]: value })).toEqual({
      problems: { [field]: expect.stringMatching(message) },
    })
  })

  test('all at once', () => {
    const wrong = { percent: 'x', countries: 'x', ipRanges: 'x', minAppVersion: 'x' }
    const parsed = parse({ ...wrong, carrySessions: '' })
    expect(Object.keys('problems' in parsed ? parsed.problems : {}).sort()).toEqual(
      [...Object.keys(wrong), 'carrySessions'].sort(),
    )
  })
})

test('a form without fields, or with files for texts, is a draft of nothing', () => {
  const data = new FormData()
  data.set('percent', new File(['1'], 'one'))
  expect(readDraft(data)).toEqual(Object.fromEntries(draftFields.map((field) => [field, ''])))
})
