import { describe, expect, test } from 'vitest'
import { rolling } from '../testing'
import { beforeTheMigration, type Policy, presets } from './document'
import { type PreviewFacts, previewOf } from './preview'

const caughtUp = { on: true, waiting: 0, dead: 0 }
const quiet: PreviewFacts = { off: {}, lately: null, mirror: caughtUp, pin: null }
const { 'zero-downtime': zeroDowntime, 'all-at-once': allAtOnce } = presets

/** What each change must say, and what it must not. */
test.each<[string, Policy, Policy, RegExp[], RegExp[]]>([
  [
    'the rollback',
    zeroDowntime,
    beforeTheMigration,
    [/sign-ins happen at the legacy provider/, /Stytch session keeps it/, /dormant/],
    [/carried over behind/],
  ],
  [
    'forward with nobody asked',
    beforeTheMigration,
    zeroDowntime,
    [/does so at Stytch/, /nobody is asked anything/],
    [/sign in again/, /ins? moves? back/],
  ],
  [
    'forward with everybody asked',
    beforeTheMigration,
    allAtOnce,
    [/does so at Stytch/, /led to the Stytch login/, /keep their account/],
    [/nobody is asked anything/],
  ],
  [
    'the second dial alone',
    allAtOnce,
    zeroDowntime,
    [/nobody is asked anything/],
    [/does so at Stytch/],
  ],
  [
    'raising',
    rolling({ percent: 10 }),
    rolling({ percent: 25 }),
    [/up from 10 to 25: about 15% of visitors join, and nobody moves back/],
    [/carried over/],
  ],
  [
    'raising by a part of a percent',
    rolling({ percent: 0.1 }),
    rolling({ percent: 0.3 }),
    [/about 0\.2% of visitors join/],
    [],
  ],
  [
    'lowering',
    rolling({ percent: 25 }),
    rolling({ percent: 10 }),
    [/down from 25 to 10: about 15%/, /never ends a Stytch session/],
    [/nobody moves back/],
  ],
  [
    'lists',
    rolling({ organizations: ['acme', 'initech'], countries: ['NZ'] }),
    rolling({ organizations: ['acme', 'globex', 'hooli'], countries: [] }),
    [
      /2 organizations join the cohort: globex and hooli/,
      /1 organization no longer puts anyone into the cohort: initech\. Whoever has a Stytch session keeps it/,
      /1 country no longer puts anyone into the cohort: NZ/,
    ],
    [/percentage/],
  ],
  [
    'from everybody to rules',
    zeroDowntime,
    rolling({ percent: 50 }),
    [/outside the rules get the legacy login again\. Whoever has a Stytch session keeps it/],
    [],
  ],
  [
    'from rules to everybody',
    rolling({ percent: 50 }),
    zeroDowntime,
    [/Pinned devices follow it too/],
    [],
  ],
  [
    'a minimum app version',
    rolling({}),
    rolling({ minAppVersion: '4.2.0' }),
    [/Apps older than 4\.2\.0 stay on legacy/],
    [],
  ],
  [
    'a lower minimum app version',
    rolling({ minAppVersion: '4.10.0' }),
    rolling({ minAppVersion: '4.9.0' }),
    [/Apps from 4\.9\.0 on may get the Stytch login, before from 4\.10\.0 on/],
    [],
  ],
  ['nothing', zeroDowntime, { ...zeroDowntime, note: 'again' }, [/nothing changes/], [/Stytch/]],
])('says of %s what it does', (_, before, after, says, saysNot) => {
  const text = previewOf(before, after, quiet).effects.join('\n')
  for (const each of says) expect(text).toMatch(each)
  for (const each of saysNot) expect(text).not.toMatch(each)
})

describe('the estimate', () => {
  const facts = { ...quiet, lately: { legacy: 40 } }
  test.each<[string, Policy, RegExp | null]>([
    [
      'everybody',
      zeroDowntime,
      /40 legacy sessions .*: all of them whose address is verified would be carried over/,
    ],
    ['everybody, asked', allAtOnce, /: all of them would have to sign in again/],
    ['a share', rolling({ percent: 25 }), /by the percentage alone, about 10 of them/],
    ['rules without a percentage', rolling({ countries: ['NZ'] }), null],
    ['nobody', beforeTheMigration, null],
  ])('for %s', (_, after, says) => {
    const before = after.cohort === 'nobody' ? zeroDowntime : beforeTheMigration
    const lines = previewOf(before, after, facts).effects.filter(
      (each) => /sessions/.test(each) && /\d/.test(each),
    )
    if (says) expect(lines).toEqual([expect.stringMatching(says)])
    else expect(lines).toEqual([])
  })

  test('is left out where nobody counted', () => {
    expect(previewOf(beforeTheMigration, zeroDowntime, quiet).effects.join()).not.toMatch(/Lately/)
  })
})

test('a rule that is off has no effect, and is not said to have one', () => {
  const before = rolling({ percent: 5 })
  const after = rolling({ percent: 5, countries: ['NZ'], organizations: ['acme'] })
  const { effects } = previewOf(before, after, { ...quiet, off: { countries: 'off' } })
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
    [/All-at-once asks everybody with a legacy session to sign in again/],
  ],
  [
    'rules that ask again',
    beforeTheMigration,
    rolling({ percent: 5 }, false),
    {},
    [/Everybody in the cohort with a legacy session is asked/],
  ],
  [
    'rules that cannot work here',
    beforeTheMigration,
    rolling({ percent: 5, countries: ['NZ'], ipRanges: ['10.0.0.0/8'] }),
    { off: { countries: 'countries are off', ipRanges: 'ranges are off', organizations: 'x' } },
    [/countries are off/, /ranges are off/],
  ],
  [
    'rules that put nobody in',
    beforeTheMigration,
    rolling({ countries: ['NZ'] }),
    { off: { countries: 'countries are off' } },
    [/countries are off/, /put nobody into the cohort/],
  ],
  ['rules that work', beforeTheMigration, rolling({ countries: ['NZ'] }), {}, []],
  ['a pin that will not count', rolling({}), zeroDowntime, { pin: 'legacy' }, [/pinned to legacy/]],
  ['a pin that counts', zeroDowntime, rolling({ percent: 5 }), { pin: 'legacy' }, []],
  [
    'a rollback without a mirror',
    zeroDowntime,
    beforeTheMigration,
    { mirror: { on: false, waiting: 0, dead: 0 } },
    [/mirror is off: whoever signed up at Stytch cannot sign in/],
  ],
  [
    'going forward without a mirror',
    beforeTheMigration,
    zeroDowntime,
    { mirror: { on: false, waiting: 0, dead: 0 } },
    [/mirror is off: whoever signs up at Stytch will not be able/],
  ],
  [
    'a rollback when the mirror is behind',
    zeroDowntime,
    beforeTheMigration,
    { mirror: { on: true, waiting: 2, dead: 1 } },
    [/2 jobs of the mirror still wait, and 1 job of the mirror was given up/],
  ],
  ['a mirror of which nobody knows', zeroDowntime, beforeTheMigration, { mirror: null }, []],
])('warns of %s', (_, before, after, facts, expected) => {
  const { warnings } = previewOf(before, after, { ...quiet, ...facts })
  expect(warnings).toHaveLength(expected.length)
  for (const [index, each] of expected.entries()) expect(warnings[index]).toMatch(each)
})

test('says of a rollback that people born on Stytch get in, when the mirror is caught up', () => {
  const { effects } = previewOf(zeroDowntime, beforeTheMigration, quiet)
  expect(effects.join()).toMatch(/signed up at Stytch can sign in at the legacy provider/)
  const behind = { ...quiet, mirror: { on: true, waiting: 1, dead: 0 } }
  expect(previewOf(zeroDowntime, beforeTheMigration, behind).effects.join()).not.toMatch(
    /signed up/,
  )
})
