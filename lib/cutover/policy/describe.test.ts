import { expect, test } from 'vitest'
import { rolling } from '../testing'
import { policyDifference, policySentence, some } from './describe'
import { beforeTheMigration, type Policy, presets } from './document'

test.each<[Policy, string]>([
  [beforeTheMigration, 'Nobody gets the Stytch login: everybody signs in at the legacy provider.'],
  [
    presets['zero-downtime'],
    'Everybody gets the Stytch login; live legacy sessions are carried over.',
  ],
  [
    presets['all-at-once'],
    'Everybody gets the Stytch login; whoever has a legacy session signs in again.',
  ],
  [
    rolling({ percent: 25, organizations: ['a', 'b', 'c'] }),
    'About 25% of visitors and 3 organizations get the Stytch login; live legacy sessions are carried over.',
  ],
  [
    rolling({ percent: 0.5, countries: ['NZ'], ipRanges: ['10.0.0.0/8', '::/0'] }, false),
    'About 0.5% of visitors, 1 country and 2 IP ranges get the Stytch login; whoever has a legacy session signs in again.',
  ],
  [
    rolling({ countries: ['NZ'] }),
    '1 country gets the Stytch login; live legacy sessions are carried over.',
  ],
  [
    rolling({ countries: ['NZ'], organizations: ['a'] }),
    '1 organization and 1 country get the Stytch login; live legacy sessions are carried over.',
  ],
  [
    rolling({ countries: ['NZ', 'AU'] }),
    '2 countries get the Stytch login; live legacy sessions are carried over.',
  ],
  [rolling({}), 'No visitors get the Stytch login; live legacy sessions are carried over.'],
  [
    rolling({ percent: 100, minAppVersion: '4.2.0' }),
    'All visitors get the Stytch login; live legacy sessions are carried over; apps older than 4.2.0 stay on legacy.',
  ],
])('a policy in one sentence: %j', (policy, sentence) => {
  expect(policySentence(policy)).toBe(sentence)
})

test.each<[string, Policy, Policy, string[]]>([
  ['the note alone', beforeTheMigration, { ...beforeTheMigration, note: 'x' }, []],
  ['what does not apply', beforeTheMigration, { ...beforeTheMigration, carrySessions: true }, []],
  [
    'forward',
    beforeTheMigration,
    presets['zero-downtime'],
    ['Cohort: nobody → everybody', 'Legacy sessions: does not apply → carried over'],
  ],
  [
    'to rules',
    presets['zero-downtime'],
    rolling({ percent: 5, countries: ['NZ'], minAppVersion: '4.2.0' }),
    [
      'Cohort: everybody → rules',
      'Percentage: 5%',
      'Countries: added NZ',
      'Minimum app version: none → 4.2.0',
    ],
  ],
  [
    'among rules',
    rolling({ percent: 10, organizations: ['acme', 'initech'], ipRanges: ['10.0.0.0/8'] }),
    rolling({ percent: 25, organizations: ['acme', 'globex'], ipRanges: [] }, false),
    [
      'Percentage: 10% → 25%',
      'Organizations: added globex; removed initech',
      'IP ranges: removed 10.0.0.0/8',
      'Legacy sessions: carried over → sign in again',
    ],
  ],
  [
    'back',
    rolling({ percent: 10 }),
    beforeTheMigration,
    ['Cohort: rules → nobody', 'Legacy sessions: carried over → does not apply'],
  ],
])('what changed, line by line: %s', (_, before, after, lines) => {
  expect(policyDifference(before, after)).toEqual(lines)
})

test('cuts a long list short, and never for the sake of one', () => {
  const items = (count: number) => Array.from({ length: count }, (_, index) => `o${index + 1}`)
  expect(some(items(9))).toBe('o1, o2, o3, o4, o5, o6, o7, o8 and o9')
  expect(some(items(12))).toBe('o1, o2, o3, o4, o5, o6, o7, o8 and 4 more')
})
