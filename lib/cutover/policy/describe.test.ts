import { expect, test } from 'vitest'
import { rolling } from '../testing'
import { formatList, policyDifference, policySentence } from './describe'
import { beforeTheMigration, type Policy, presets, type Rules } from './document'

test.each<[Policy, string]>([
  [beforeTheMigration, 'Everybody signs in at the legacy provider.'],
  [presets['zero-downtime'], 'Everybody gets the Stytch login; live legacy sessions are migrated.'],
  [
    { ...presets['zero-downtime'], allowMfaDowngrade: true },
    'Everybody gets the Stytch login; live legacy sessions are migrated, also those of users with MFA.',
  ],
  [
    presets['all-at-once'],
    'Everybody gets the Stytch login; users with a legacy session sign in again.',
  ],
  [
    rolling({ percent: 25, organizations: ['a', 'b', 'c'] }),
    'About 25% of visitors and 3 organizations get the Stytch login; live legacy sessions are migrated.',
  ],
  [
    rolling({ percent: 0.5, countries: ['NZ'], ipRanges: ['10.0.0.0/8', '::/0'] }, false),
    'About 0.5% of visitors, 1 country and 2 IP ranges get the Stytch login; users with a legacy session sign in again.',
  ],
  [
    rolling({ countries: ['NZ'] }),
    '1 country gets the Stytch login; live legacy sessions are migrated.',
  ],
  [
    rolling({ countries: ['NZ'], organizations: ['a'] }),
    '1 organization and 1 country get the Stytch login; live legacy sessions are migrated.',
  ],
  [
    rolling({ countries: ['NZ', 'AU'] }),
    '2 countries get the Stytch login; live legacy sessions are migrated.',
  ],
  [
    rolling({ newSignUps: true }),
    'New sign-ups get the Stytch login; everybody else stays on the legacy lane.',
  ],
  [
    rolling({ percent: 5, countries: ['NZ'], newSignUps: true }),
    'About 5% of visitors, 1 country and new sign-ups get the Stytch login; live legacy sessions are migrated.',
  ],
  [rolling({}), 'No visitors get the Stytch login; live legacy sessions are migrated.'],
  [
    rolling({ percent: 100, minAppVersion: '4.2.0' }),
    'All visitors get the Stytch login; live legacy sessions are migrated; apps older than 4.2.0 stay on the legacy lane.',
  ],
])('describes a policy in one sentence: %j', (policy, sentence) => {
  expect(policySentence(policy)).toBe(sentence)
})

test.each<[string, Policy, Policy, string[]]>([
  ['the note alone', beforeTheMigration, { ...beforeTheMigration, note: 'x' }, []],
  [
    'a dial that does not apply',
    beforeTheMigration,
    { ...beforeTheMigration, carrySessions: true },
    [],
  ],
  [
    'from nobody to everybody',
    beforeTheMigration,
    presets['zero-downtime'],
    ['Cohort: nobody → everybody', 'Legacy sessions: not applicable → migrated'],
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
    'from rules to other rules',
    rolling({ percent: 10, organizations: ['acme', 'initech'], ipRanges: ['10.0.0.0/8'] }),
    rolling({ percent: 25, organizations: ['acme', 'globex'], ipRanges: [] }, false),
    [
      'Percentage: 10% → 25%',
      'Organizations: added globex; removed initech',
      'IP ranges: removed 10.0.0.0/8',
      'Legacy sessions: migrated → not accepted',
    ],
  ],
  [
    'new sign-ups',
    rolling({}),
    rolling({ newSignUps: true }),
    ['New sign-ups: as the other rules say → at Stytch'],
  ],
  ['new sign-ups switched off, and left out', rolling({ newSignUps: false }), rolling({}), []],
  [
    'users with MFA',
    presets['zero-downtime'],
    { ...presets['zero-downtime'], allowMfaDowngrade: true },
    ['Users with MFA: stay on the legacy lane → migrated'],
  ],
  [
    'a rollback',
    rolling({ percent: 10 }),
    beforeTheMigration,
    ['Cohort: rules → nobody', 'Legacy sessions: migrated → not applicable'],
  ],
])('lists the differences, one line per dial: %s', (_, before, after, lines) => {
  expect(policyDifference(before, after)).toEqual(lines)
})

const names = new Map([
  ['acme', 'Acme'],
  ['org_globex', 'Globex'],
])

test.each<[string[], Partial<Rules>, string]>([
  [['acme'], {}, 'Acme gets the Stytch login; live legacy sessions are migrated.'],
  [
    ['acme', 'org_globex'],
    {},
    'Acme and Globex get the Stytch login; live legacy sessions are migrated.',
  ],
  [
    ['acme'],
    { percent: 5 },
    'About 5% of visitors and Acme get the Stytch login; live legacy sessions are migrated.',
  ],
  [
    ['acme', 'initech'],
    {},
    '2 organizations get the Stytch login; live legacy sessions are migrated.',
  ],
])('names organizations: %j', (organizations, rules, sentence) => {
  expect(policySentence(rolling({ ...rules, organizations }), names)).toBe(sentence)
})

test('names organizations in the differences, with the entry of the policy', () => {
  expect(
    policyDifference(
      rolling({ organizations: ['org_globex'] }),
      rolling({ organizations: ['acme', 'initech'] }),
      names,
    ),
  ).toEqual(['Organizations: added Acme (acme) and initech; removed Globex (org_globex)'])
})

test('abbreviates a long list by two items or more', () => {
  const items = (count: number) => Array.from({ length: count }, (_, index) => `o${index + 1}`)
  expect(formatList(items(9))).toBe('o1, o2, o3, o4, o5, o6, o7, o8 and o9')
  expect(formatList(items(12))).toBe('o1, o2, o3, o4, o5, o6, o7, o8 and 4 more')
})
