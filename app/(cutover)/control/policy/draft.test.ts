import { describe, expect, test } from 'vitest'
import {
  beforeTheMigration,
  type Policy,
  policySchema,
  presets,
} from '@/lib/cutover/policy/document'
import { type Draft, type DraftField, draftFields, draftOf, parseDraft, readDraft } from './draft'

const rolling: Policy = {
  cohort: {
    percent: 12.5,
    organizations: ['acme', 'globex'],
    newSignUps: true,
    countries: ['NZ', 'AU'],
    ipRanges: ['203.0.113.0/24', '2001:db8::/32'],
    minAppVersion: '4.2.0',
  },
  carrySessions: false,
  note: 'First the friendly ones',
}

/** Parses a valid draft with these changes. */
const parse = (changes: Partial<Draft>) => parseDraft({ ...draftOf(rolling), ...changes })

const withoutSignUps = policySchema.parse({ cohort: { percent: 5 }, carrySessions: true })

test.each([
  rolling,
  withoutSignUps,
  beforeTheMigration,
  presets['zero-downtime'],
  presets['all-at-once'],
])('a policy becomes a draft and parses back to itself: %j', (policy) =>
  expect(parseDraft(draftOf(policy))).toEqual({ policy }),
)

test('users with MFA are migrated only by an explicit choice', () => {
  const carrying: Policy = { ...presets['zero-downtime'], allowMfaDowngrade: true }
  expect(parseDraft(draftOf(carrying))).toEqual({ policy: carrying })
  for (const allowMfaDowngrade of ['no', '', 'constructor']) {
    const parsed = parseDraft({ ...draftOf(carrying), allowMfaDowngrade })
    expect(parsed).toStrictEqual({ policy: presets['zero-downtime'] })
  }
})

test('ignores fields that do not apply to the cohort', () => {
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
] as const)(
  '%s are separated by new lines or commas, and duplicates are dropped',
  (field, text, expected) => {
    expect(parse({ [field]: text })).toMatchObject({ policy: { cohort: { [field]: expected } } })
  },
)

describe('names every invalid field', () => {
  test.each<[DraftField, string, RegExp]>([
    ['cohort', 'somebody', /nobody, everybody or rules/],
    ['cohort', '', /nobody, everybody or rules/],
    ['percent', '', /from 0 to 100/],
    ['percent', '101', /from 0 to 100/],
    ['percent', '-1', /from 0 to 100/],
    ['percent', '0x10', /from 0 to 100/],
    ['percent', '1e1', /from 0 to 100/],
    ['organizations', 'a'.repeat(129), /128 characters at most; “a{40}…” is longer/],
    ['countries', 'NZ, New Zealand', /such as NZ; “NEW ZEALAND” is not/],
    ['ipRanges', '10.0.0.0/8\n10.0.0.0/99', /such as 203.0.113.0\/24; “10.0.0.0\/99” is not/],
    ['ipRanges', '10.0.0.1', /“10.0.0.1” is not/],
    ['newSignUps', 'maybe', /on or off/],
    ['minAppVersion', '4.2', /three numbers/],
    ['carrySessions', '', /“Migrate” or “Sign in again”/],
    ['carrySessions', 'constructor', /“Migrate” or “Sign in again”/],
    ['note', 'x'.repeat(501), /500 characters/],
    [
      'organizations',
      Array.from({ length: 1_001 }, (_, i) => `o${i}`).join(),
      /1,000 entries at most/,
    ],
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

test('a form without fields, or with files instead of text, is an empty draft', () => {
  const data = new FormData()
  data.set('percent', new File(['1'], 'one'))
  expect(readDraft(data)).toEqual(Object.fromEntries(draftFields.map((field) => [field, ''])))
})
