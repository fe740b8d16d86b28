import { describe, expect, test } from 'vitest'
import { rolling } from '../testing'
import { beforeTheMigration, type Policy, presets } from './document'
import { type PreviewFacts, previewChange } from './preview'

const caughtUp = { on: true, waiting: 0, dead: 0 }
const noFacts: PreviewFacts = {
  unavailableRules: {},
  recentSessions: null,
  mirror: caughtUp,
  pin: null,
}
const { 'zero-downtime': zeroDowntime, 'all-at-once': allAtOnce } = presets

/** For each change: the texts that must appear, and those that must not. */
test.each<[string, Policy, Policy, RegExp[], RegExp[]]>([
  [
    'a rollback',
    zeroDowntime,
    beforeTheMigration,
    [
      /sign-ins happen at the legacy provider/,
      /Stytch session keep it/,
      /sessions of migrated users work again/,
    ],
    [/migrated in the background/],
  ],
  [
    'zero-downtime',
    beforeTheMigration,
    zeroDowntime,
    [/new sign-ins happen at Stytch/, /Users notice nothing/],
    [/sign in again/, /must sign in/, /pins/],
  ],
  [
    'users with MFA, who are migrated no longer',
    { ...zeroDowntime, allowMfaDowngrade: true },
    zeroDowntime,
    [/Users with MFA .* are not migrated any more/],
    [/one factor only/],
  ],
  [
    'users with MFA, who stay',
    beforeTheMigration,
    zeroDowntime,
    [/Users with MFA .* stay on the legacy lane/],
    [/one factor only/],
  ],
  [
    'all-at-once',
    beforeTheMigration,
    allAtOnce,
    [/new sign-ins happen at Stytch/, /must sign in at Stytch/, /keep their account/],
    [/Users notice nothing/],
  ],
  [
    'only the second dial',
    allAtOnce,
    zeroDowntime,
    [/Users notice nothing/],
    [/new sign-ins happen at Stytch/],
  ],
  [
    'raising',
    rolling({ percent: 10 }),
    rolling({ percent: 25 }),
    [/rises from 10% to 25%\. About 15% of visitors join the cohort\. Nobody moves back/],
    [/migrated/],
  ],
  [
    'raising by less than a percent',
    rolling({ percent: 0.1 }),
    rolling({ percent: 0.3 }),
    [/About 0\.2% of visitors join/],
    [],
  ],
  [
    'lowering',
    rolling({ percent: 25 }),
    rolling({ percent: 10 }),
    [/falls from 25% to 10%\. About 15%/, /never ends a Stytch session/],
    [/Nobody moves back/],
  ],
  [
    'lists',
    rolling({ organizations: ['acme', 'initech'], countries: ['NZ'] }),
    rolling({ organizations: ['acme', 'globex', 'hooli'], countries: [] }),
    [
      /2 organizations join the cohort: globex and hooli/,
      /1 organization is no longer in the rules: initech\. Users with a Stytch session keep it/,
      /1 country is no longer in the rules: NZ/,
    ],
    [/percentage/],
  ],
  [
    'from everybody to rules',
    zeroDowntime,
    rolling({ percent: 50 }),
    [/outside the rules get the legacy login again\. Users with a Stytch session keep it/],
    [],
  ],
  [
    'from rules to everybody',
    rolling({ percent: 50 }),
    zeroDowntime,
    [/Device pins lose their effect/],
    [],
  ],
  [
    'a minimum app version',
    rolling({}),
    rolling({ minAppVersion: '4.2.0' }),
    [/Apps older than 4\.2\.0 get the legacy login/],
    [],
  ],
  [
    'a lower minimum app version',
    rolling({ minAppVersion: '4.10.0' }),
    rolling({ minAppVersion: '4.9.0' }),
    [/Apps from version 4\.9\.0 can get the Stytch login\. Until now they needed 4\.10\.0/],
    [],
  ],
  [
    'new sign-ups',
    rolling({}),
    rolling({ newSignUps: true }),
    [/“Create an account” leads to Stytch/],
    [/percentage/],
  ],
  [
    'new sign-ups as the first rule',
    beforeTheMigration,
    rolling({ newSignUps: true }),
    [/“Create an account” leads to Stytch/],
    [/legacy sessions/],
  ],
  [
    'a percentage after new sign-ups alone',
    rolling({ newSignUps: true }),
    rolling({ newSignUps: true, percent: 5 }),
    [/rises from 0% to 5%/, /Live legacy sessions in the cohort are migrated/],
    [],
  ],
  [
    'new sign-ups switched off',
    rolling({ newSignUps: true }),
    rolling({}),
    [/the login that the other rules give\. Users with a Stytch session keep it/],
    [],
  ],
  ['no dial', zeroDowntime, { ...zeroDowntime, note: 'again' }, [/Nothing changes/], [/Stytch/]],
])('describes the effects of %s', (_, before, after, says, saysNot) => {
  const text = previewChange(before, after, noFacts).effects.join('\n')
  for (const each of says) expect(text).toMatch(each)
  for (const each of saysNot) expect(text).not.toMatch(each)
})

describe('the estimate', () => {
  const facts = { ...noFacts, recentSessions: { legacy: 40 } }
  test.each<[string, Policy, RegExp | null]>([
    [
      'everybody',
      zeroDowntime,
      /40 legacy sessions .*: all with a verified email address would be migrated/,
    ],
    ['all-at-once', allAtOnce, /: all would have to sign in again/],
    ['a percentage', rolling({ percent: 25 }), /: about 10 would be migrated, by the percentage/],
    ['rules without a percentage', rolling({ countries: ['NZ'] }), null],
    ['nobody', beforeTheMigration, null],
  ])('for %s', (_, after, says) => {
    const before = after.cohort === 'nobody' ? zeroDowntime : beforeTheMigration
    const lines = previewChange(before, after, facts).effects.filter(
      (each) => /sessions/.test(each) && /\d/.test(each),
    )
    if (says) expect(lines).toEqual([expect.stringMatching(says)])
    else expect(lines).toEqual([])
  })

  test('is omitted without figures', () => {
    expect(previewChange(beforeTheMigration, zeroDowntime, noFacts).effects.join()).not.toMatch(
      /Estimate/,
    )
  })
})

test('lists no effect of an unavailable rule', () => {
  const before = rolling({ percent: 5 })
  const after = rolling({ percent: 5, countries: ['NZ'], organizations: ['acme'] })
  const { effects } = previewChange(before, after, {
    ...noFacts,
    unavailableRules: { countries: 'off' },
  })
  expect(effects.join()).toMatch(/acme/)
  expect(effects.join()).not.toMatch(/NZ/)
})

test.each<[string, Policy, Policy, Partial<PreviewFacts>, RegExp[]]>([
  ['zero-downtime', beforeTheMigration, zeroDowntime, {}, []],
  ['a rollback when the mirror is caught up', zeroDowntime, beforeTheMigration, {}, []],
  [
    'all-at-once',
    beforeTheMigration,
    allAtOnce,
    {},
    [/All users with a legacy session must sign in again/],
  ],
  [
    'rules without migration',
    beforeTheMigration,
    rolling({ percent: 5 }, false),
    {},
    [/Users in the cohort with a legacy session must sign in again/],
  ],
  [
    'unavailable rules',
    beforeTheMigration,
    rolling({ percent: 5, countries: ['NZ'], ipRanges: ['10.0.0.0/8'] }),
    {
      unavailableRules: {
        countries: 'countries are off',
        ipRanges: 'ranges are off',
        organizations: 'x',
      },
    },
    [/countries are off/, /ranges are off/],
  ],
  [
    'rules without effect',
    beforeTheMigration,
    rolling({ countries: ['NZ'] }),
    { unavailableRules: { countries: 'countries are off' } },
    [/countries are off/, /put nobody into the cohort/],
  ],
  [
    'new sign-ups alone, without migration of sessions',
    beforeTheMigration,
    rolling({ newSignUps: true }, false),
    {},
    [],
  ],
  [
    'new sign-ups without a mirror',
    beforeTheMigration,
    rolling({ newSignUps: true }),
    { mirror: { on: false, waiting: 0, dead: 0 } },
    [/cannot sign in after a rollback/, /other devices of a new user show the legacy login/],
  ],
  ['available rules', beforeTheMigration, rolling({ countries: ['NZ'] }), {}, []],
  ['a pin without effect', rolling({}), zeroDowntime, { pin: 'legacy' }, [/pinned to legacy/]],
  ['a pin with effect', zeroDowntime, rolling({ percent: 5 }), { pin: 'legacy' }, []],
  [
    'a rollback without a mirror',
    zeroDowntime,
    beforeTheMigration,
    { mirror: { on: false, waiting: 0, dead: 0 } },
    [/mirror is off: users who signed up at Stytch cannot sign in/],
  ],
  [
    'zero-downtime without a mirror',
    beforeTheMigration,
    zeroDowntime,
    { mirror: { on: false, waiting: 0, dead: 0 } },
    [/mirror is off: users who sign up at Stytch cannot sign in after a rollback/],
  ],
  [
    'users with MFA who are migrated too',
    zeroDowntime,
    { ...zeroDowntime, allowMfaDowngrade: true },
    {},
    [/Users with MFA .* asks for one factor only/],
  ],
  [
    'users with MFA under "new sign-ups only", which migrates nobody',
    beforeTheMigration,
    { ...rolling({ newSignUps: true }), allowMfaDowngrade: true },
    {},
    [/Users with MFA .* can sign in at Stytch with one factor only/],
  ],
  [
    'a rollback when the mirror is behind',
    zeroDowntime,
    beforeTheMigration,
    { mirror: { on: true, waiting: 2, dead: 1 } },
    [/2 mirror jobs are waiting and 1 mirror job is dead/],
  ],
  ['a mirror with unknown status', zeroDowntime, beforeTheMigration, { mirror: null }, []],
])('warnings for %s', (_, before, after, facts, expected) => {
  const { warnings } = previewChange(before, after, { ...noFacts, ...facts })
  expect(warnings).toHaveLength(expected.length)
  for (const [index, each] of expected.entries()) expect(warnings[index]).toMatch(each)
})

test('a rollback lets users who signed up at Stytch sign in, if the mirror is caught up', () => {
  const { effects } = previewChange(zeroDowntime, beforeTheMigration, noFacts)
  expect(effects.join()).toMatch(/signed up at Stytch can sign in at the legacy provider/)
  const behind = { ...noFacts, mirror: { on: true, waiting: 1, dead: 0 } }
  expect(previewChange(zeroDowntime, beforeTheMigration, behind).effects.join()).not.toMatch(
    /signed up/,
  )
})

test('names an organization that joins, and one that leaves', () => {
  const organizationNames = new Map([
    ['acme', 'Acme'],
    ['org_globex', 'Globex'],
  ])
  const [before, after] = [
    rolling({ organizations: ['org_globex'] }),
    rolling({ organizations: ['acme'] }),
  ]
  const { sentence, effects } = previewChange(before, after, { ...noFacts, organizationNames })
  expect(sentence).toMatch(/^Acme gets the Stytch login/)
  expect(effects.join(' ')).toContain('joins the cohort: Acme (acme).')
  expect(effects.join(' ')).toContain('no longer in the rules: Globex (org_globex).')
})
